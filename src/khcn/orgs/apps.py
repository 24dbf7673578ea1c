"""Django application settings of ``khcn.orgs``."""

from datetime import timedelta

from django.apps import AppConfig
from django.http import HttpRequest
from django.utils import timezone


class OrgsConfig(AppConfig):
    """The app ``orgs``."""

    name = "khcn.orgs"
    label = "orgs"

    def ready(self) -> None:
        """Offer what other rooms use: demo people, who reads the audit trail; and listen to sign-ins."""
        from khcn.core.audit import audit_visibility  # noqa: PLC0415  # models are loaded only now
        from khcn.core.demo import register_demo  # noqa: PLC0415
        from khcn.core.gate import never_refused  # noqa: PLC0415
        from khcn.core.tasks import register_periodic  # noqa: PLC0415
        from khcn.orgs import signals  # noqa: F401, PLC0415  # connects the receivers
        from khcn.orgs.audit_readers import audit_rows_for  # noqa: PLC0415
        from khcn.orgs.desk_menu import ORGANISATION  # noqa: PLC0415
        from khcn.orgs.services.decisions import decisions_due  # noqa: PLC0415
        from khcn.ui.desk import desk_sections  # noqa: PLC0415

        register_periodic("orgs.decisions", timedelta(minutes=2), decisions_due)
        register_demo("orgs", 10, "khcn.orgs.demo")
        desk_sections.register("orgs", ORGANISATION)
        audit_visibility.register("orgs.roles", audit_rows_for)
        never_refused.register("orgs.roles", holds_role)


def holds_role(request: HttpRequest) -> bool:
    """Whether the person of the request works here today."""
    from khcn.orgs.models import User, memberships_of  # noqa: PLC0415  # models are loaded only now

    user = request.user
    return isinstance(user, User) and (user.is_superuser or bool(memberships_of(user, timezone.localdate())))
