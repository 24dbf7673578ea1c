"""What programmes refuse, with the field it is about and a sentence that says what to do next."""

from khcn.core.errors import KhcnError


class ProgrammeError(KhcnError):
    """A deed that will not do. ``field``: name of the form's field ("" for the whole form)."""

    code = "programme"
    status = 422

    def __init__(self, message: str, *, field: str = "", code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.field = field


class GoneError(ProgrammeError):
    """What a secret link opened is there no more, or the link was cut."""

    code = "programme-link"
    status = 404


class StaleError(ProgrammeError):
    """Somebody else changed it meanwhile."""

    code = "programme-stale"
    status = 409
