"""The entries of programmes in the side navigation of the desk: each area registers its own in its wiring."""

from typing import Final

from django.utils.translation import gettext as _

from khcn.core.registry import Registry
from khcn.ui.desk import DeskSection, MenuEntry, items_of

programmes_menu: Final[Registry[MenuEntry]] = Registry("entries of the programmes' menu")
PROGRAMMES = DeskSection(order=20, label=lambda: _("Chương trình, cuộc thi"), items=items_of(programmes_menu))
learning_menu: Final[Registry[MenuEntry]] = Registry("entries of the menu of lessons, training and research")
LEARNING = DeskSection(order=22, label=lambda: _("Bài học, bồi dưỡng, đề tài"), items=items_of(learning_menu))
