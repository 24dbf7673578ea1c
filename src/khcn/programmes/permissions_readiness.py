"""Who may do what with the self-check: everybody makes one, officials read figures, the focal officer keeps the rest."""

from khcn.programmes.permissions import Reach


def can_read_figures(reach: Reach) -> bool:
    """Read the figures, in which nobody can be found."""
    return reach.officer or reach.focal_head or reach.leader or reach.auditor or reach.superior


def can_keep_questions(reach: Reach) -> bool:
    """Load a new version of the questionnaire, publish it."""
    return reach.officer


def can_read_calls(reach: Reach) -> bool:
    """Read who asked to be called, and close it: these are names and numbers."""
    return reach.officer
