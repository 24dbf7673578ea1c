"""The base of every error that a person may read."""


class KhcnError(Exception):
    """An error whose ``message`` is a sentence for people: what happened, why, and what to do next.

    ``code`` is stable and machine-readable (kebab-case), used by the API, the command line and tests.
    ``status`` is the HTTP status with which the API answers.
    """

    code = "error"
    status = 400

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code:
            self.code = code


class PermissionDeniedError(KhcnError):
    """The actor may not do this."""

    code = "permission-denied"
    status = 403


class NotFoundError(KhcnError):
    """There is no such record, or the reader may not know of it."""

    code = "not-found"
    status = 404
