"""Sentences about faults found, by code."""

from typing import Final

FINDINGS: Final[dict[str, str]] = {
    "faults-spec-word": "SPEC thiếu mục «%(key)s» (tên cột) hoặc mục đó không phải là chữ. Hãy ghi đúng tên cột của tệp.",
    "faults-spec-number": "Mục «%(key)s» trong SPEC phải là số từ -%(most)s đến %(most)s. Hãy sửa rồi chạy lại.",
}
