"""``khcn contests rank CONTEST``: one module of :mod:`khcn.programmes.deeds_contests` a deed."""

from khcn.core.deeds import DeedCommand
from khcn.programmes import deeds_contests


class Command(DeedCommand):
    """Contests from the command line."""

    help = "rank: the ranking of a contest with every score behind it"
    package = deeds_contests
