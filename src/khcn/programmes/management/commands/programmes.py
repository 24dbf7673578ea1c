"""``khcn programmes simulate ...``: one module of :mod:`khcn.programmes.deeds` a deed; see ``docs/contract.md``."""

from khcn.core.deeds import DeedCommand
from khcn.programmes import deeds


class Command(DeedCommand):
    """Programmes from the command line."""

    help = "simulate | ...: programmes and how they stand"
    package = deeds
