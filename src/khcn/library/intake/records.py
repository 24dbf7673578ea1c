"""One record read from JSON, and many from an array or JSON lines."""

import json
from typing import Any, Final

from django.utils.translation import gettext as _
from pydantic import ValidationError

from khcn.core.api.problems import fault_rows
from khcn.core.errors import KhcnError
from khcn.library.intake.schemas import RecordIn

MAX_RECORDS: Final = 2000


class BadRecordError(KhcnError):
    """A record that cannot be used; the sentence names each faulty value."""

    code = "bad-record"


class BadRecordsError(KhcnError):
    """What was sent is not a list of records."""

    code = "bad-records"


def record_of(raw: Any) -> RecordIn:
    """Return one record. :raises BadRecordError: naming each faulty value."""
    try:
        return RecordIn.model_validate(raw)
    except ValidationError as error:
        rows = fault_rows(error.errors())
        raise BadRecordError(" ".join(f"{row['where']}: {row['message']}" for row in rows[:10])) from error


def records_read(raw: bytes) -> list[dict[str, Any]]:
    """Return the records of a JSON array, or of JSON lines; what they hold is judged one by one, later.

    :raises BadRecordsError: when it is neither, holds something else than objects, nothing, or too many.
    """
    try:
        found = _parsed(raw.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise BadRecordsError(
            _("Không đọc được bản ghi. Hãy gửi một mảng JSON, hoặc mỗi dòng một bản ghi JSON (UTF-8).")
        ) from error
    if not all(isinstance(one, dict) for one in found):
        raise BadRecordsError(_("Mỗi bản ghi phải là một đối tượng JSON, ví dụ {“title”: “…”}."))
    if not found:
        raise BadRecordsError(_("Chưa có bản ghi nào. Hãy gửi ít nhất một bản ghi."))
    if len(found) > MAX_RECORDS:
        raise BadRecordsError(
            _("Mỗi lần gửi tối đa %(limit)s bản ghi. Hãy chia làm nhiều lần.") % {"limit": MAX_RECORDS}
        )
    return found


def _parsed(text: str) -> list[Any]:
    start = text.lstrip()[:1]
    if start == "[":
        whole = json.loads(text, parse_constant=_refuse)
        return list(whole)
    return [json.loads(line, parse_constant=_refuse) for line in text.splitlines() if line.strip()]


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")
