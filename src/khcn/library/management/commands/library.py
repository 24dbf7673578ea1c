"""``khcn library import | search | text | reindex ...``: one module of :mod:`khcn.library.deeds` a deed."""

from khcn.core.deeds import DeedCommand
from khcn.library import deeds


class Command(DeedCommand):
    """The library from the command line."""

    help = "import | search | text | reindex ...: works with the library's documents"
    package = deeds
    fails_with = 1
