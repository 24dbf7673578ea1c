"""``khcn training needs --unit U``: one module of :mod:`khcn.programmes.deeds_training` a deed."""

from khcn.core.deeds import DeedCommand
from khcn.programmes import deeds_training


class Command(DeedCommand):
    """Training from the command line."""

    help = "needs: what the people of a unit have to learn, and what they hold until when"
    package = deeds_training
