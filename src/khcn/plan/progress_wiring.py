"""What the area ``progress`` offers to the other rooms: references, indicators, API, menu, the duty of percentages."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from khcn.core.api.shell import add_api_router
from khcn.core.api.tokens import api_scopes
from khcn.core.indicators import indicators
from khcn.core.references import resolvers, searchers
from khcn.core.tasks import register_periodic
from khcn.plan.desk_menu import plan_menu
from khcn.plan.indicators_progress import PROGRESS_INDICATORS
from khcn.plan.progress_api import router
from khcn.plan.progress_menu import all_entry, lead_entry, own_entry
from khcn.plan.selectors.progress_references import (
    ITEM_REFERENCE,
    TASK_REFERENCE,
    resolve_items,
    resolve_tasks,
    search_items,
    search_tasks,
)
from khcn.plan.services.progress_steps import percents_follow
from khcn.ui.desk import MenuEntry

READ = _("Đọc kế hoạch, nhiệm vụ và tiến độ như bạn đọc trên trang")
WRITE = _("Ghi tiến độ việc của đơn vị bạn")


def connect() -> None:
    """Register what the area offers; called once when Django is ready."""
    plan_menu.register("own-work", MenuEntry(15, own_entry))
    plan_menu.register("all-work", MenuEntry(16, all_entry))
    plan_menu.register("leadership", MenuEntry(18, lead_entry))
    resolvers.register(ITEM_REFERENCE, resolve_items)
    resolvers.register(TASK_REFERENCE, resolve_tasks)
    searchers.register(ITEM_REFERENCE, search_items)
    searchers.register(TASK_REFERENCE, search_tasks)
    for key, indicator in PROGRESS_INDICATORS.items():
        indicators.register(key, indicator)
    if "plan.read" not in api_scopes:  # areas share the two rights
        api_scopes.register("plan.read", READ)
    if "plan.write" not in api_scopes:
        api_scopes.register("plan.write", WRITE)
    add_api_router("/plan", router)
    register_periodic("plan.percents", timedelta(hours=6), percents_follow)
