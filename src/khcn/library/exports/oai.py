"""The answers of the OAI-PMH provider: formats, verbs, lists page by page."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from khcn.core.registry import Registry
from khcn.engines.oai import answers
from khcn.engines.oai.requests import OaiError, OaiRequest, parse_request
from khcn.engines.oai.tokens import Place, read_token, write_token
from khcn.engines.records import datacite, dc, legal_xml, marc
from khcn.engines.records.types import Record
from khcn.library.selectors.oai import (
    OaiRow,
    is_domain,
    oai_count,
    oai_namespace,
    oai_rows,
    oai_rows_by_ids,
    oai_sets,
    oai_state,
)
from khcn.library.selectors.records import absolute, records_by_ids
from khcn.orgs.selectors import site_identity

PAGE: Final = {"ListRecords": 250, "ListIdentifiers": 500}
TOKEN_HOURS: Final = 24
LANGUAGE: Final = "vi"


@dataclass(frozen=True)
class OaiFormat:
    """One metadata format: ``write`` returns a record as one XML element; ``schema`` where its schema is."""

    prefix: str
    namespace: str
    schema: Callable[[], str]
    write: Callable[[Record], str]


oai_formats: Registry[OaiFormat] = Registry("formats of OAI-PMH")


def legal_schema_url() -> str:
    """Return where this site serves the schema of its own format."""
    return absolute(reverse("library-root:oai-legal-schema"))


OWN_FORMATS: Final = (
    OaiFormat("oai_dc", dc.NAMESPACE, lambda: dc.SCHEMA, dc.to_oai_dc),
    OaiFormat("oai_datacite", datacite.NAMESPACE, lambda: datacite.SCHEMA, datacite.to_oai_datacite),
    OaiFormat(
        "khcn_legal",
        legal_xml.NAMESPACE,
        legal_schema_url,
        lambda record: legal_xml.to_khcn_legal(record, schema_url=legal_schema_url()),
    ),
    OaiFormat(
        "marcxml",
        marc.MARCXML,
        lambda: "http://www.loc.gov/standards/marcxml/schema/MARC21slim.xsd",
        lambda record: marc.marc_xml(marc.to_marc(record), namespace=True),
    ),
)


def base_url() -> str:
    """Return the address of the provider."""
    return absolute(reverse("library-root:oai"))


def oai_answer(pairs: Sequence[tuple[str, str]], *, now: datetime) -> bytes:
    """Return the XML document that answers a request.

    ``now`` is taken before anything is read: whatever is committed later bears a later datestamp.
    """
    arguments: tuple[tuple[str, str], ...] = ()
    with translation.override(LANGUAGE):
        try:
            request = parse_request(pairs)
            arguments = request.arguments
            inner = _VERBS[request.verb](request, now)
        except OaiError as error:
            return answers.error_answer(error, base_url=base_url(), at=now, arguments=arguments)
        return answers.answer(request, base_url=base_url(), at=now, inner=inner)


@cache
def _key(secret: str) -> bytes:
    return hashlib.sha256(b"khcn.oai.token" + secret.encode()).digest()


def _format(prefix: str) -> OaiFormat:
    if prefix not in oai_formats:
        raise OaiError(
            "cannotDisseminateFormat", f"There is no format {prefix[:40]!r} here; see ListMetadataFormats."
        )
    return oai_formats.get(prefix)


def _identifier(namespace: str, work_id: int) -> str:
    return f"oai:{namespace}:{work_id}"


def _row_of(identifier: str) -> OaiRow:
    head, _colon, number = identifier.rpartition(":")
    if head == f"oai:{oai_namespace()}" and number.isascii() and number.isdigit() and len(number) < 19:
        rows = oai_rows_by_ids([int(number)])
        if rows and str(rows[0].work_id) == number:
            return rows[0]
    raise OaiError("idDoesNotExist", "There is no record with this identifier.")


def _identify(_request: OaiRequest, now: datetime) -> str:
    site, state, namespace = site_identity(), oai_state(), oai_namespace()
    first = oai_rows(limit=1)
    repository = answers.Repository(
        name=site.site_name,
        base_url=base_url(),
        admin_email=site.email or settings.KHCN.email_from,
        earliest=state.since if state else now,
        namespace=namespace if is_domain(namespace) else "",
        sample_identifier=_identifier(namespace, first[0].work_id if first else 1),
        policy_url=absolute(reverse("library:home")),
        content=site.tagline,
    )
    return answers.identify(repository)


def _list_formats(request: OaiRequest, _now: datetime) -> str:
    if request.identifier:
        _row_of(request.identifier)  # every record is told in every format
    return answers.formats(
        answers.FormatInfo(one.prefix, one.schema(), one.namespace) for one in oai_formats.all()
    )


def _list_sets(request: OaiRequest, _now: datetime) -> str:
    if request.token:
        raise OaiError("badResumptionToken", "The list of sets comes as one page, without tokens.")
    return answers.sets(oai_sets())


def _get_record(request: OaiRequest, _now: datetime) -> str:
    chosen = _format(request.prefix)
    return _records([_row_of(request.identifier)], chosen)


def _records(rows: Sequence[OaiRow], chosen: OaiFormat) -> str:
    """Return rows as records. What is no longer public is told as deleted, even before the follower knows."""
    namespace = oai_namespace()
    found = {one.id: one for one in records_by_ids([row.work_id for row in rows if not row.deleted])}
    parts = []
    for row in rows:
        record = found.get(row.work_id)
        head = answers.Header(_identifier(namespace, row.work_id), row.datestamp, row.specs, record is None)
        parts.append(answers.record(head, chosen.write(record) if record else ""))
    return "".join(parts)


def _headers(rows: Sequence[OaiRow], _chosen: OaiFormat) -> str:
    namespace = oai_namespace()
    return "\n".join(
        answers.header(
            answers.Header(_identifier(namespace, row.work_id), row.datestamp, row.specs, row.deleted)
        )
        for row in rows
    )


def _list(request: OaiRequest, now: datetime) -> str:
    """Return one page of ListRecords or ListIdentifiers."""
    key = _key(settings.SECRET_KEY)
    place = read_token(request.token, key, verb=request.verb, now=now) if request.token else None
    if place and place.prefix not in oai_formats:
        raise OaiError("badResumptionToken", "The format of this list is no longer offered; begin again.")
    chosen = _format(place.prefix if place else request.prefix)
    limit = PAGE[request.verb]
    spec, after, before = (
        (place.spec, place.after, place.before) if place else (request.spec, request.after, request.before)
    )
    behind = (place.stamp, place.number) if place else None
    rows = oai_rows(spec=spec, after=after, before=before, behind=behind, limit=limit + 1)
    if not rows and place is None:
        raise OaiError("noRecordsMatch", "No record has such a datestamp in such a set.")
    if not rows and place is not None:
        # The last ones have left the window since the page before. A page must not be empty, and the harvester did
        # nothing wrong: it hears the record again at which it stood.
        rows = oai_rows_by_ids([place.number])
    page, more = rows[:limit], len(rows) > limit
    write = _records if request.verb == "ListRecords" else _headers
    inner = write(page, chosen)
    if place is None and not more:
        return inner
    size = place.size if place else oai_count(spec=spec, after=after, before=before)
    cursor = place.cursor if place else 0
    told = cursor + len(page)
    size, expires = max(size, told + more), now + timedelta(hours=TOKEN_HOURS)
    token = ""
    if more:
        following = Place(
            request.verb,
            chosen.prefix,
            spec,
            after,
            before,
            page[-1].datestamp,
            page[-1].work_id,
            told,
            size,
            expires,
        )
        token = write_token(following, key)
    return inner + answers.resumption(answers.Resumption(token, cursor, size, expires))


_VERBS: Final[dict[str, Callable[[OaiRequest, datetime], str]]] = {
    "Identify": _identify,
    "ListMetadataFormats": _list_formats,
    "ListSets": _list_sets,
    "GetRecord": _get_record,
    "ListRecords": _list,
    "ListIdentifiers": _list,
}
