"""Sentences about reading files of readings, by code."""

from typing import Final

TABLES: Final[dict[str, str]] = {
    "spec-json": "%(name)s không phải là JSON đúng. Hãy mở tệp, sửa chỗ sai dấu ngoặc hoặc dấu phẩy rồi chạy lại.",
    "spec-object": "%(name)s phải là một đối tượng JSON ({...}). Hãy xem mẫu trong docs/contract.md.",
}
