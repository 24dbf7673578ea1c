"""What can go wrong with a source. ``code`` is a key of ``messages.ANSWERS``, ``params`` fill its sentence."""

from typing import Any, Final

from khcn.engines.oai.messages import sentence

# Worth another try: the next answer may be right.
_PASSING: Final = frozenset({"connect", "no_host", "slow", "cut", "busy"})
_PASSING_STATUS: Final = frozenset({408, 425, 429, 500, 502, 503, 504})


class HarvestError(Exception):
    """A source that cannot be read. ``wait_s``: how long it asked us to stay away, ``None`` when it did not say."""

    def __init__(self, code: str, *, wait_s: float | None = None, **params: Any) -> None:
        super().__init__(sentence(code, params))
        self.code = code
        self.params = params
        self.wait_s = wait_s

    @property
    def passing(self) -> bool:
        """Whether trying again soon may help."""
        return self.code in _PASSING or self.params.get("status") in _PASSING_STATUS

    @property
    def oai_code(self) -> str:
        """The error code of the protocol ("badResumptionToken" ...), or ""."""
        return str(self.params.get("error", "")) if self.code == "oai" else ""
