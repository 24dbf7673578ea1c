"""What the library offers to the desk, the back office and the periodic tick."""

from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from rules.permissions import add_perm, perm_exists
from rules.predicates import predicate

from khcn.core.prepare import database_optimize
from khcn.core.tasks import register_periodic
from khcn.library import permissions
from khcn.library.desk_menu import LIBRARY
from khcn.library.services.review import embargoes_lift, works_publish_due
from khcn.ui.desk import desk_sections


@predicate
def opens_back_office(user: Any) -> bool:
    """Whether the person opens the back office: by role, whatever groups Django knows."""
    return isinstance(user, get_user_model()) and permissions.writes_articles(user)


def connect_desk() -> None:
    """Register menu entries, the right to open the back office, and what happens by the clock."""
    desk_sections.register("library", LIBRARY)
    if not perm_exists("wagtailadmin.access_admin"):
        add_perm("wagtailadmin.access_admin", opens_back_office)
    register_periodic("library.statistics", timedelta(days=1), database_optimize)
    register_periodic("library.publish_due", timedelta(minutes=1), works_publish_due)
    register_periodic("library.embargoes", timedelta(minutes=10), embargoes_lift)
