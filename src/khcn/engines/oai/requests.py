"""A request of OAI-PMH, read strictly: what the protocol does not allow is answered by its own error codes.

Source: protocol 2.0, sections 2.5 to 2.7, 3.1.1, 3.3 (dates) and 3.6 (errors).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final, Literal

Code = Literal[
    "badVerb", "badArgument", "badResumptionToken", "cannotDisseminateFormat", "idDoesNotExist", "noRecordsMatch",
    "noMetadataFormats", "noSetHierarchy",
]  # fmt: skip
MAX_VALUE: Final = 4000  # characters; our own tokens have some 300
_SECOND: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z", re.A)
_DAY: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.A)
_SET: Final = re.compile(r"[A-Za-z0-9\-_.!~*'()]+(:[A-Za-z0-9\-_.!~*'()]+)*")
_PREFIX: Final = re.compile(r"[A-Za-z0-9\-_.!~*'()]+")
# Of each verb: the arguments it needs, and those it may have.
ARGUMENTS: Final[Mapping[str, tuple[frozenset[str], frozenset[str]]]] = {
    "Identify": (frozenset(), frozenset()),
    "ListMetadataFormats": (frozenset(), frozenset({"identifier"})),
    "ListSets": (frozenset(), frozenset({"resumptionToken"})),
    "GetRecord": (frozenset({"identifier", "metadataPrefix"}), frozenset()),
    "ListIdentifiers": (
        frozenset({"metadataPrefix"}),
        frozenset({"from", "until", "set", "resumptionToken"}),
    ),
    "ListRecords": (frozenset({"metadataPrefix"}), frozenset({"from", "until", "set", "resumptionToken"})),
}


class OaiError(Exception):
    """An answer of the protocol that is an error; ``message`` is for the people behind the harvester."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code: Code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class OaiRequest:
    """A request that is well formed. ``after`` and ``before`` are whole seconds in UTC, both inclusive.

    ``arguments`` are the arguments as sent, for the ``request`` element of the answer.
    """

    verb: str
    arguments: tuple[tuple[str, str], ...]
    prefix: str = ""
    identifier: str = ""
    spec: str = ""
    after: datetime | None = None
    before: datetime | None = None
    token: str = ""


def parse_request(pairs: Sequence[tuple[str, str]]) -> OaiRequest:
    """Read the arguments of a request in the order they came, repeated ones included.

    :raises OaiError: badVerb or badArgument.
    """
    verbs = [value for name, value in pairs if name == "verb"]
    if len(verbs) != 1:
        text = "The verb is missing." if not verbs else "The verb is given more than once."
        raise OaiError("badVerb", text)
    verb = verbs[0]
    if verb not in ARGUMENTS:
        raise OaiError("badVerb", "This is not a verb of OAI-PMH 2.0.")
    values = _arguments(verb, [(name, value) for name, value in pairs if name != "verb"])
    after, before = _window(values)
    if values.get("set") is not None and not _SET.fullmatch(values["set"]):
        raise OaiError("badArgument", "The set is not a setSpec.")
    if "metadataPrefix" in values and not _PREFIX.fullmatch(values["metadataPrefix"]):
        raise OaiError("badArgument", "The metadataPrefix has characters that no prefix may have.")
    return OaiRequest(
        verb=verb,
        arguments=(("verb", verb), *values.items()),
        prefix=values.get("metadataPrefix", ""),
        identifier=values.get("identifier", ""),
        spec=values.get("set", ""),
        after=after,
        before=before,
        token=values.get("resumptionToken", ""),
    )


def _arguments(verb: str, pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    needed, allowed = ARGUMENTS[verb]
    values: dict[str, str] = {}
    for name, value in pairs:
        if name not in needed | allowed:
            raise OaiError("badArgument", f"{verb} has no argument {name[:40]!r}.")
        if name in values:
            raise OaiError("badArgument", f"The argument {name} is given more than once.")
        if not value or len(value) > MAX_VALUE:
            raise OaiError("badArgument", f"The argument {name} is empty or too long.")
        values[name] = value
    if "resumptionToken" in values:
        if len(values) > 1:
            raise OaiError("badArgument", "A resumptionToken stands alone, without other arguments.")
        return values
    missing = sorted(needed - set(values))
    if missing:
        raise OaiError("badArgument", f"{verb} needs the argument {', '.join(missing)}.")
    return values


def _window(values: Mapping[str, str]) -> tuple[datetime | None, datetime | None]:
    after, fine_after = read_date(values["from"], last=False) if "from" in values else (None, None)
    before, fine_before = read_date(values["until"], last=True) if "until" in values else (None, None)
    if after and before:
        if fine_after != fine_before:
            raise OaiError("badArgument", "from and until must have the same granularity.")
        if after > before:
            raise OaiError("badArgument", "from is later than until.")
    return after, before


def read_date(text: str, *, last: bool) -> tuple[datetime, bool]:
    """Read ``YYYY-MM-DD`` or ``YYYY-MM-DDThh:mm:ssZ``; return the moment and whether it names a second.

    A day means its first second, with ``last`` its last one.
    """
    try:
        if match := _SECOND.fullmatch(text):
            return datetime(*(int(part) for part in match.groups()), tzinfo=UTC), True  # type: ignore[misc,arg-type]  # six numbers
        if match := _DAY.fullmatch(text):
            day = datetime(*(int(part) for part in match.groups()), tzinfo=UTC)  # type: ignore[misc,arg-type]  # three numbers
            return (day + timedelta(days=1, seconds=-1) if last else day), False
    except (ValueError, OverflowError):
        pass
    raise OaiError("badArgument", "A date is written YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ, and must exist.")


def utc_text(moment: datetime) -> str:
    """Return an aware moment as the protocol writes it, in whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def whole_second_after(moment: datetime, seconds: int) -> datetime:
    """Return the first whole second that is at least ``seconds`` later than ``moment``."""
    floor = datetime.combine(moment.date(), time(moment.hour, moment.minute, moment.second), moment.tzinfo)
    up = 1 if moment.microsecond else 0
    return floor + timedelta(seconds=seconds + up)
