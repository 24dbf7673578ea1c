"""The verbs of OAI-PMH 2.0 against one source, with patience where it helps and an end where it does not.

Source: The Open Archives Initiative Protocol for Metadata Harvesting, version 2.0 (2015-01-08).
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

from khcn.engines.oai.clean import Cleaner
from khcn.engines.oai.errors import HarvestError
from khcn.engines.oai.fetch import Fetcher, check_address
from khcn.engines.oai.formats import READERS, named, values
from khcn.engines.oai.types import Choice, HarvestedRecord, Identity, ListPage
from khcn.engines.oai.xml import Element, Reading, local, read_answer, within_limits

_MAX_IDENTIFIER: Final = 2_000
_MAX_TOKEN: Final = 20_000
_SET_PAGES: Final = 50


@dataclass(slots=True)
class Client:
    """One source. ``told(seconds)`` is called before every wait and every request, so that a lease can be renewed."""

    base_url: str
    fetcher: Fetcher
    told: Callable[[], Any] = lambda: None

    def __post_init__(self) -> None:
        check_address(self.base_url)

    # --- what the source is -------------------------------------------------------------------------------------

    def identify(self) -> Identity:
        """Ask who the source is."""
        root = self._ask({"verb": "Identify"}).root
        part = next(named(root, "Identify"), None)
        if part is None:
            raise HarvestError("not_oai")
        clean = Cleaner(self.fetcher.limits)
        return Identity(
            name=clean.line(_first(part, "repositoryName"))[:200],
            base_url=clean.line(_first(part, "baseURL"))[:1000],
            granularity="second" if "hh" in _first(part, "granularity").lower() else "day",
            deleted=_one_of(_first(part, "deletedRecord").lower(), ("no", "transient", "persistent")),
            earliest=clean.line(_first(part, "earliestDatestamp"))[:20],
            admin_email=clean.line(_first(part, "adminEmail"))[:200],
            response_date=_first(root, "responseDate")[:20],
        )

    def sets(self) -> list[Choice]:
        """Return the sets to choose from; none when the source has none. Stops quietly at the limit."""
        found: dict[str, Choice] = {}
        clean = Cleaner(self.fetcher.limits)
        asked: dict[str, str] = {"verb": "ListSets"}
        seen: set[str] = set()
        for _page in range(_SET_PAGES):
            try:
                root = self._ask(asked).root
            except HarvestError as error:
                if error.oai_code in {"noSetHierarchy", "badResumptionToken"}:
                    break
                raise
            for one in named(root, "set"):
                key = _first(one, "setSpec")
                if key and len(key) <= 500:
                    found.setdefault(key, Choice(key, clean.line(_first(one, "setName"))[:300] or key))
            token = _token(root)[0]
            if not token or token in seen or len(found) >= self.fetcher.limits.max_sets:
                break
            seen.add(token)
            asked = {"verb": "ListSets", "resumptionToken": token}
        return list(found.values())

    def formats(self) -> list[Choice]:
        """Return the formats that the source offers and that we can read, with their schema addresses."""
        root = self._ask({"verb": "ListMetadataFormats"}).root
        found = [
            Choice(_first(one, "metadataPrefix")[:100], _first(one, "schema")[:500])
            for one in named(root, "metadataFormat")
        ]
        return [one for one in found if one.key in READERS]

    # --- records ------------------------------------------------------------------------------------------------

    def record(self, identifier: str, prefix: str) -> HarvestedRecord | None:
        """Return one record, ``None`` when the source has it no more."""
        try:
            reading = self._ask({"verb": "GetRecord", "identifier": identifier, "metadataPrefix": prefix})
        except HarvestError as error:
            if error.oai_code in {"idDoesNotExist", "cannotDisseminateFormat"}:
                return None
            raise
        return next(iter(self._records(reading, prefix)), None)

    def page(
        self, *, prefix: str, set_spec: str = "", since: str = "", until: str = "", token: str = ""
    ) -> ListPage:
        """Return one page of ListRecords: the one of ``token``, else the first of the list."""
        if token:
            asked = {"verb": "ListRecords", "resumptionToken": token}
        else:
            asked = {
                "verb": "ListRecords",
                "metadataPrefix": prefix,
                "from": since,
                "until": until,
                "set": set_spec,
            }
        try:
            reading = self._ask({name: value for name, value in asked.items() if value})
        except HarvestError as error:
            if error.oai_code == "noRecordsMatch":
                return ListPage((), response_date=str(error.params.get("response_date", "")))
            raise
        following, size = _token(reading.root)
        return ListPage(
            tuple(self._records(reading, prefix)),
            following,
            size,
            _first(reading.root, "responseDate")[:20],
            tuple(reading.notes),
        )

    def pages(
        self, *, prefix: str, set_spec: str = "", since: str = "", until: str = "", token: str = ""
    ) -> Iterator[ListPage]:
        """Yield page after page to the end.

        :raises HarvestError: token_loop, empty_pages or too_many when the list would never end.
        """
        guard = Endless(self.fetcher.limits.empty_pages, self.fetcher.limits.max_records)
        guard.note_token(token)
        while True:
            page = self.page(prefix=prefix, set_spec=set_spec, since=since, until=until, token=token)
            guard.note_page(page)
            yield page
            token = page.token
            if not token:
                return

    def _records(self, reading: Reading, prefix: str) -> Iterator[HarvestedRecord]:
        if reading.loose is not None:
            for identifier, element in reading.loose:
                if element is None:
                    yield HarvestedRecord(_identifier(identifier), problem="bad_record")
                else:
                    yield self._record(element, prefix, reading.notes)
            return
        for verb in ("ListRecords", "GetRecord"):
            for part in (one for one in reading.root if local(one) == verb):
                for element in (one for one in part if local(one) == "record"):
                    yield self._record(element, prefix, reading.notes)

    def _record(self, element: Element, prefix: str, notes: list[str]) -> HarvestedRecord:
        header = next((one for one in element if local(one) == "header"), None)
        identifier = _identifier(_first(header, "identifier")) if header is not None else ""
        if header is None or not identifier:
            return HarvestedRecord("", problem="no_identifier")
        datestamp = _first(header, "datestamp")[:20]
        sets = tuple(one[:500] for one in values(header, "setSpec")[:100])
        if (header.get("status") or "").lower() == "deleted":
            return HarvestedRecord(identifier, datestamp, deleted=True, sets=sets)
        metadata = next((one for one in element if local(one) == "metadata"), None)
        inner = None if metadata is None else next((one for one in metadata if local(one)), None)
        if inner is None:
            return HarvestedRecord(identifier, datestamp, sets=sets, problem="no_metadata")
        limits = self.fetcher.limits
        if not within_limits(inner, limits):
            return HarvestedRecord(identifier, datestamp, sets=sets, problem="too_deep")
        clean = Cleaner(limits)
        found = READERS.get(prefix, READERS["oai_dc"])(inner, clean)
        said = tuple(dict.fromkeys([*(note for note in notes if note == "charset"), *clean.notes]))
        problem = "" if found["title"] else "no_title"
        if "\ufffd" in found["title"]:
            problem = "broken_text"
        return HarvestedRecord(identifier, datestamp, False, sets, problem, notes=said, **found)

    # --- asking -------------------------------------------------------------------------------------------------

    def _ask(self, arguments: dict[str, str]) -> Reading:
        """Ask, again when that may help, and return the answer taken apart."""
        limits = self.fetcher.limits
        pause = limits.backoff_s
        for attempt in range(1, limits.attempts + 1):
            self.told()
            try:
                return self._ask_once(arguments)
            except HarvestError as error:
                wait = pause if error.wait_s is None else error.wait_s
                if not error.passing or attempt == limits.attempts or wait > limits.retry_after_max_s:
                    raise
                self.fetcher.sleep(wait)
                pause *= 2
        raise AssertionError("unreachable")

    def _ask_once(self, arguments: dict[str, str]) -> Reading:
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in arguments.items())
        joint = "&" if "?" in self.base_url else "?"
        answer = self.fetcher.get(f"{self.base_url.rstrip('?&')}{joint}{query}")
        try:
            reading = read_answer(answer.body, answer.content_type, self.fetcher.limits)
        except HarvestError:
            if answer.status >= 400:
                raise HarvestError("http", status=answer.status) from None
            raise
        if local(reading.root) != "OAI-PMH":
            raise (
                HarvestError("http", status=answer.status)
                if answer.status >= 400
                else HarvestError("not_oai")
            )
        for one in reading.root:
            if local(one) == "error":
                raise self._refusal(one, reading.root)
        return reading

    def _refusal(self, element: Element, root: Element) -> HarvestError:
        clean = Cleaner(self.fetcher.limits)
        return HarvestError(
            "oai",
            error=clean.line(element.get("code") or "?")[:40],
            text=clean.line("".join(element.itertext()))[:200] or "–",
            response_date=_first(root, "responseDate")[:20],
        )


@dataclass(slots=True)
class Endless:
    """Notices lists that never end: a token that comes twice, only empty pages, more records than anybody has."""

    empty_pages: int
    max_records: int
    records: int = 0
    _empty: int = 0
    _seen: set[bytes] = field(default_factory=set)

    def note_token(self, token: str) -> None:
        """Take note of a token that is going to be used. :raises HarvestError: when it was used before."""
        if not token:
            return
        mark = hashlib.blake2b(token.encode("utf-8", "replace"), digest_size=12).digest()
        if mark in self._seen:
            raise HarvestError("token_loop")
        self._seen.add(mark)

    def note_page(self, page: ListPage) -> None:
        """Take note of a page. :raises HarvestError: when the list does not end."""
        self.records += len(page.records)
        self._empty = 0 if page.records else self._empty + 1
        if page.token and self._empty >= self.empty_pages:
            raise HarvestError("empty_pages", limit=self.empty_pages)
        if self.records > self.max_records:
            raise HarvestError("too_many", limit=self.max_records)
        self.note_token(page.token)


def _first(root: Element, name: str) -> str:
    return next(iter(values(root, name)), "")


def _one_of(said: str, known: tuple[str, ...]) -> str:
    return said if said in known else known[0]


def _identifier(said: str) -> str:
    """Return the identifier of a record without what no database takes; "" when there is none to speak of."""
    said = "".join(char for char in said.strip() if char.isprintable())
    return said if len(said) <= _MAX_IDENTIFIER else ""


def _token(root: Element) -> tuple[str, int | None]:
    """Return the token of the next page and the size of the whole list, as far as told."""
    element = next((one for one in root.iter() if local(one) == "resumptionToken"), None)
    if element is None:
        return "", None
    token = "".join(element.itertext()).strip()
    if len(token) > _MAX_TOKEN:
        raise HarvestError("not_oai")
    size = element.get("completeListSize") or ""
    return token, int(size) if size.isascii() and size.isdigit() and len(size) < 12 else None


def granular(moment: str, granularity: str) -> str:
    """Return a datestamp at the granularity of the source; "" when it is no datestamp."""
    day, _sep, rest = moment.strip().partition("T")
    if len(day) != 10:
        return ""
    if granularity == "day":
        return day
    clock = rest.rstrip("Z")[:8] or "00:00:00"
    return f"{day}T{clock}Z"
