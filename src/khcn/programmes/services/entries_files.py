"""The drawer of entries' files (the area ``entries`` keeps what goes in)."""

from typing import Final

from khcn.core.private_files import PAPERS, PICTURES, SLIDES, Drawer

ENTRIES: Final = Drawer("programmes/entries", PAPERS | PICTURES | SLIDES, limit=50 * 2**20)
