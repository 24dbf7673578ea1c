"""The entries of the plan in the side navigation of the desk: each area registers its own in its wiring."""

from typing import Final

from django.utils.translation import gettext as _

from khcn.core.registry import Registry
from khcn.ui.desk import DeskSection, MenuEntry, items_of

plan_menu: Final[Registry[MenuEntry]] = Registry("entries of the plan's menu")
PLAN = DeskSection(order=15, label=lambda: _("Kế hoạch, báo cáo"), items=items_of(plan_menu))
