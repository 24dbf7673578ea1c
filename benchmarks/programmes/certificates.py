"""500 certificates as PDF in one archive, beside bare WeasyPrint that lays each out by itself (aim: 60 s, 500 MB)."""

import argparse
import os
import resource
import sys
import tempfile
import time
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.runner import figure, report

COUNT = 500
PEER_COUNT = 50  # bare WeasyPrint is measured on fewer and reckoned up to as many
MOST_S, MOST_MB = 60, 500


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


def run(count: int, peer_count: int) -> list[dict[str, object]]:
    """Return wall and CPU seconds and megabytes of the archive, each beside bare WeasyPrint in the same run."""
    from khcn.programmes.services.certificates_paper import sheet_pdf, sheets_pdf

    made = sheets(count)
    with tempfile.TemporaryDirectory(prefix="khcn-bench-certificates-") as folder:
        target = Path(folder) / "giay.zip"
        wall, cpu = time.perf_counter(), time.process_time()
        with zipfile.ZipFile(target, "w") as archive:
            for number, content in enumerate(sheets_pdf(made), 1):
                archive.writestr(f"{number:04d}.pdf", content)
        wall_s, cpu_s = time.perf_counter() - wall, time.process_time() - cpu
        archive_mb = target.stat().st_size / 2**20
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    wall, cpu = time.perf_counter(), time.process_time()
    for sheet in made[:peer_count]:
        sheet_pdf(sheet)  # one layout a certificate, as WeasyPrint does it by itself
    times = count / max(1, peer_count)
    peer_wall, peer_cpu = (time.perf_counter() - wall) * times, (time.process_time() - cpu) * times
    peer = f"bare WeasyPrint, {peer_count} reckoned up"
    return [
        figure(
            f"{count} certificates in a ZIP: wall", round(wall_s, 1), "s", aim=MOST_S, ok=wall_s <= MOST_S, peer=peer,
            peer_value=round(peer_wall, 1),
        ),
        figure(
            f"{count} certificates in a ZIP: CPU", round(cpu_s, 1), "s", aim=MOST_S, ok=cpu_s <= MOST_S, peer=peer,
            peer_value=round(peer_cpu, 1),
        ),
        figure("memory of the process at most", round(memory, 1), "MB", aim=MOST_MB, ok=memory <= MOST_MB),
        figure("size of the ZIP", round(archive_mb, 2), "MB"),
    ]  # fmt: skip


def main(argv: list[str] | None = None) -> int:
    """Run the benchmark; return the exit status."""
    import django

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--peer-count", type=int, default=PEER_COUNT)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "khcn.config.settings")
    django.setup()
    figures = run(options.count, options.peer_count)
    return report("programmes certificates", figures, as_json=options.json)


if __name__ == "__main__":
    sys.exit(main())
