"""Answers of OAI-PMH as XML: the envelope, headers, records, sets, formats, the description of the repository."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from khcn.engines.oai.requests import OaiError, OaiRequest, utc_text
from khcn.engines.records.xml import element, group, optional, quoted, wrapped

NAMESPACE: Final = "http://www.openarchives.org/OAI/2.0/"
GRANULARITY: Final = "YYYY-MM-DDThh:mm:ssZ"
_XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
_HEAD: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    f'<OAI-PMH xmlns="{NAMESPACE}" xmlns:xsi="{_XSI}" '
    f'xsi:schemaLocation="{NAMESPACE} {NAMESPACE}OAI-PMH.xsd">\n'
)


@dataclass(frozen=True, slots=True)
class Header:
    """What a record's header says."""

    identifier: str
    datestamp: datetime
    specs: tuple[str, ...] = ()
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class SetInfo:
    """One set: its spec, its name, and more about it or ""."""

    spec: str
    name: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class FormatInfo:
    """One metadata format."""

    prefix: str
    schema: str
    namespace: str


@dataclass(frozen=True, slots=True)
class Repository:
    """What Identify tells. ``namespace`` is the domain in our identifiers, "" when it is no domain name."""

    name: str
    base_url: str
    admin_email: str
    earliest: datetime
    namespace: str = ""
    sample_identifier: str = ""
    policy_url: str = ""
    content: str = ""


@dataclass(frozen=True, slots=True)
class Resumption:
    """The end of a page of a list that has several; ``token`` is "" on the last one."""

    token: str
    cursor: int
    size: int
    expires: datetime | None = None


def answer(request: OaiRequest, *, base_url: str, at: datetime, inner: str) -> bytes:
    """Return the document that answers a request; ``inner`` is what its verb element holds."""
    head = _request(base_url, at, request.arguments)
    return f"{_HEAD}{head}<{request.verb}>{inner}</{request.verb}>\n</OAI-PMH>\n".encode()


def error_answer(
    error: OaiError, *, base_url: str, at: datetime, arguments: Sequence[tuple[str, str]] = ()
) -> bytes:
    """Return the document that tells an error. After badVerb and badArgument no argument is repeated (3.2)."""
    shown = () if error.code in ("badVerb", "badArgument") else arguments
    said = element("error", error.message, [("code", error.code)])
    return f"{_HEAD}{_request(base_url, at, shown)}{said}\n</OAI-PMH>\n".encode()


def _request(base_url: str, at: datetime, arguments: Sequence[tuple[str, str]]) -> str:
    date = element("responseDate", utc_text(at))
    return f"{date}\n{element('request', base_url, arguments)}\n"


def identify(repository: Repository) -> str:
    """Return what Identify holds."""
    parts = [
        element("repositoryName", repository.name),
        element("baseURL", repository.base_url),
        element("protocolVersion", "2.0"),
        element("adminEmail", repository.admin_email),
        element("earliestDatestamp", utc_text(repository.earliest)),
        element("deletedRecord", "persistent"),
        element("granularity", GRANULARITY),
        element("compression", "gzip"),
    ]
    if repository.namespace:
        parts.append(wrapped("description", [_oai_identifier(repository)]))
    parts.append(wrapped("description", [_eprints(repository)]))
    return "\n".join(parts)


def _located(name: str, namespace: str, schema: str) -> str:
    return f'<{name} xmlns="{namespace}" xmlns:xsi="{_XSI}" xsi:schemaLocation="{namespace} {schema}">'


def _oai_identifier(repository: Repository) -> str:
    space = f"{NAMESPACE}oai-identifier"
    inner = "".join(
        (
            element("scheme", "oai"),
            element("repositoryIdentifier", repository.namespace),
            element("delimiter", ":"),
            element("sampleIdentifier", repository.sample_identifier),
        )
    )
    return f"{_located('oai-identifier', space, space + '.xsd')}{inner}</oai-identifier>"


def _eprints(repository: Repository) -> str:
    space = "http://www.openarchives.org/OAI/1.1/eprints"
    policy = [optional("URL", repository.policy_url)]
    about = [optional("text", repository.content), *policy]
    metadata = (
        "Siêu dữ liệu được dùng tự do cho mọi mục đích, kể cả thương mại. Metadata may be reused freely."
    )
    data = (
        "Mỗi tài liệu có điều kiện sử dụng riêng, ghi trong phần quyền. "
        "Each work has terms of use of its own, stated in its rights."
    )
    inner = "".join(
        (
            group("content", about),
            wrapped("metadataPolicy", [element("text", metadata)]),
            wrapped("dataPolicy", [element("text", data), *policy]),
        )
    )
    return f"{_located('eprints', space, space + '.xsd')}{inner}</eprints>"


def formats(found: Iterable[FormatInfo]) -> str:
    """Return what ListMetadataFormats holds."""
    return "\n".join(
        wrapped(
            "metadataFormat",
            (
                element("metadataPrefix", one.prefix),
                element("schema", one.schema),
                element("metadataNamespace", one.namespace),
            ),
        )
        for one in found
    )


def sets(found: Iterable[SetInfo]) -> str:
    """Return what ListSets holds; a description of a set is simple Dublin Core, as the guidelines propose."""
    return "\n".join(
        wrapped("set", (element("setSpec", one.spec), element("setName", one.name), _set_description(one)))
        for one in found
    )


def _set_description(one: SetInfo) -> str:
    if not one.description.strip():
        return ""
    container = f"{NAMESPACE}oai_dc/"
    root = (
        ("xmlns:oai_dc", container),
        ("xmlns:dc", "http://purl.org/dc/elements/1.1/"),
        ("xsi:schemaLocation", f"{container} {NAMESPACE}oai_dc.xsd"),
    )
    return wrapped(
        "setDescription", [wrapped("oai_dc:dc", [element("dc:description", one.description)], root)]
    )


def header(one: Header) -> str:
    """Return a record's header."""
    specs = "".join(f"<setSpec>{spec}</setSpec>" for spec in one.specs)
    status = ' status="deleted"' if one.deleted else ""
    return (
        f"<header{status}>{element('identifier', one.identifier)}"
        f"<datestamp>{utc_text(one.datestamp)}</datestamp>{specs}</header>"
    )


def record(one: Header, metadata: str) -> str:
    """Return a whole record; a deleted one has no metadata."""
    body = "" if one.deleted else f"<metadata>{metadata}</metadata>"
    return f"<record>{header(one)}{body}</record>\n"


def resumption(one: Resumption) -> str:
    """Return the ``resumptionToken`` element at the end of a page."""
    attributes = [("expirationDate", utc_text(one.expires))] if one.expires and one.token else []
    attributes += [("completeListSize", str(one.size)), ("cursor", str(one.cursor))]
    listed = "".join(f" {name}={quoted(value)}" for name, value in attributes)
    return f"<resumptionToken{listed}>{one.token}</resumptionToken>"
