"""500 certificates as PDF in one archive, beside bare WeasyPrint that lays each out by itself (aim: 60 s, 500 MB)."""

import io
import json
import resource
import time
import zipfile
from datetime import date
from typing import Any

COUNT = 500
PEER_COUNT = 50  # bare WeasyPrint is measured on fewer and stated per certificate


def sheets(count: int) -> list[Any]:
    """Return made-up certificates with long and short names."""
    from khcn.programmes.services.certificates_paper import Sheet

    names = (
        "Nguyễn Thị Ánh Tuyết",
        "Công Tằng Tôn Nữ Thị Hương Giang Phương Thảo",
        "Lê An",
        "Trần Đỗ Quỳnh Như",
    )
    return [
        Sheet(
            issuer="Ủy ban nhân dân Quận Mẫu", title="Giấy chứng nhận", name=f"{names[n % 4]} {n}",
            text="Đã hoàn thành lớp bồi dưỡng “Ứng dụng trí tuệ nhân tạo trong dạy học” (minh họa), 5 buổi.",
            organisation="Trường THCS Mẫu", signer_name="Nguyễn Văn Mẫu", signer_position="Phó Chủ tịch",
            place="Nơi Mẫu", day=date(2026, 5, 20), decision="00/QĐ-UBND", decision_day=date(2026, 5, 20), number=n + 1,
            code=f"23456789{n:04d}", verify_url=f"https://khcn.example.vn/chung-nhan/23456789{n:04d}/",
        )
        for n in range(count)
    ]  # fmt: skip


def run(count: int = COUNT, peer_count: int = PEER_COUNT) -> dict[str, Any]:
    """Return seconds, CPU seconds and megabytes of the archive, and the CPU seconds a certificate of the peer."""
    from khcn.programmes.services.certificates_paper import sheet_pdf, sheets_pdf

    made = sheets(count)
    wall, cpu = time.perf_counter(), time.process_time()
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for number, content in enumerate(sheets_pdf(made), 1):
            archive.writestr(f"{number:04d}.pdf", content)
    seconds, cpu_s = time.perf_counter() - wall, time.process_time() - cpu
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    cpu = time.process_time()
    for sheet in made[:peer_count]:
        sheet_pdf(sheet)
    alone = (time.process_time() - cpu) / max(1, peer_count)
    return {
        "certificates": count, "seconds": round(seconds, 2), "cpu_seconds": round(cpu_s, 2), "mb": round(memory, 1),
        "archive_mb": round(target.tell() / 2**20, 2), "cpu_ms_each": round(cpu_s / count * 1000, 1),
        "peer_cpu_ms_each": round(alone * 1000, 1), "holds": cpu_s <= 60 and memory <= 500,
    }  # fmt: skip


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "khcn.config.settings")
    django.setup()
    print(json.dumps(run(), ensure_ascii=False))
