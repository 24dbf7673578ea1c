"""Where areas of this room meet without importing one another: who came earns a certificate and gets the letter about it."""

from khcn.programmes.models.programmes import Programme
from khcn.programmes.models.registrations import Registration
from khcn.programmes.selectors.attendance import came_to, reached
from khcn.programmes.services.certificates_earned import earners
from khcn.programmes.services.letters_to import comers


def earned(programme: Programme) -> list[Registration]:
    """Return who came to enough sessions."""
    return [share.registration for share in reached(programme) if share.reached]


def connect() -> None:
    """Tie the areas together; called once when Django is ready."""
    earners.register("attendance", earned)
    comers.register("attendance", came_to)
