"""The provider of this installation held against the checks of the public validator, without a network between."""

from datetime import datetime
from urllib.parse import parse_qsl

from khcn.engines.oai.validator import Finding, Reply, validate
from khcn.library.exports.oai import base_url, oai_answer


def oai_check(*, now: datetime) -> list[Finding]:
    """Return every check; the provider is compliant when all are good."""

    def ask(query: str, _post: bool) -> Reply:
        return Reply(200, oai_answer(parse_qsl(query, keep_blank_values=True), now=now))

    return validate(ask, base_url())
