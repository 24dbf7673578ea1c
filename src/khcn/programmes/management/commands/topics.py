"""``khcn topics status``: one module of :mod:`khcn.programmes.deeds_topics` a deed."""

from khcn.core.deeds import DeedCommand
from khcn.programmes import deeds_topics


class Command(DeedCommand):
    """Research topics from the command line."""

    help = "status: every topic with its money, milestones, next step, products and figures"
    package = deeds_topics
