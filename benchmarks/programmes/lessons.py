"""Lessons of a district: 5,000 lessons, 30,000 reports; the list with search and filters, a lesson, the desk's reports: p95.

In one process, on SQLite and PostgreSQL. ``python -m benchmarks.programmes.lessons --only SQLite``.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.http_load import quantile
from benchmarks.plan.pages import setup
from benchmarks.runner import figure, print_figures

LIMIT_MS = 200.0
WORDS = [
    "đo",
    "độ",
    "pH",
    "nước",
    "mạch",
    "điện",
    "năng",
    "lượng",
    "mặt",
    "trời",
    "robot",
    "dò",
    "đường",
    "vườn",
    "trường",
    "thông",
    "minh",
    "cảm",
    "biến",
    "bụi",
    "mịn",
    "hạt",
    "nảy",
    "mầm",
    "trí",
    "tuệ",
    "nhân",
    "tạo",
    "biểu",
    "đồ",
    "lọc",
    "kính",
    "hiển",
    "vi",
    "động",
    "cơ",
    "ánh",
    "sáng",
    "âm",
    "thanh",
    "chuyển",
    "động",
]


def fill(lessons: int, runs: int) -> None:
    """Fill an empty database with published lessons and reports, as rows."""
    setup()
    from django.core.management import call_command
    from django.db.models import F
    from django.utils import timezone

    call_command("migrate", verbosity=0)
    from khcn.orgs.enums import Role
    from khcn.orgs.models import Membership, Unit, UnitKind, User
    from khcn.programmes.curricula_demo_texts import BOOKS, content_for
    from khcn.programmes.models.curricula import Curriculum, Lesson, LessonVersion
    from khcn.programmes.models.curricula_runs import LessonRun
    from khcn.programmes.rules.curricula import content_json
    from khcn.programmes.rules.curricula_runs import damped
    from khcn.programmes.services.curricula_base import columns_follow

    dice, now = random.Random(7), timezone.now()
    today = timezone.localdate(now)
    kind, _made = UnitKind.objects.get_or_create(code="truong", defaults={"label": "Trường"})
    units = [Unit.objects.create(name=f"Trường {one}", kind=kind, sort_key=f"{one:03}") for one in range(60)]
    officer = User.objects.create(username="dau-moi", is_active=True)
    Membership.objects.create(
        user=officer, unit=units[0], role=Role.FOCAL_OFFICER, valid_from=today - timedelta(days=9)
    )
    books = Curriculum.objects.bulk_create(
        Curriculum(key=f"ct-{n}", unit=dice.choice(units), title=f"Chương trình {n}", sort_key=f"{n:05}", created_at=now,
                   updated_at=now)
        for n in range(lessons // 10)
    )  # fmt: skip
    texts = [content_for(words) for _key, _title, _summary, rows in BOOKS for words in rows]
    rows, contents = [], []
    for number in range(lessons):
        said = replace(
            dice.choice(texts), title=f"{' '.join(dice.choices(WORDS, k=6)).capitalize()} {number}",
            summary=" ".join(dice.choices(WORDS, k=25)), minutes=dice.choice((35, 45, 90, 135)),
        )  # fmt: skip
        book = books[number // 10]
        row = Lesson(
            curriculum=book, unit_id=book.unit_id, position=number % 10 + 1, key=f"bai-{number}", working="none",
            created_at=now, updated_at=now - timedelta(minutes=number), published_at=now - timedelta(hours=number),
        )  # fmt: skip
        columns_follow(row, said)
        rows.append(row)
        contents.append(said)
    rows = Lesson.objects.bulk_create(rows, batch_size=200)
    versions = LessonVersion.objects.bulk_create(
        (
            LessonVersion(
                lesson=row, number=1, content=content_json(said), note="Công bố lần đầu", published_at=now
            )
            for row, said in zip(rows, contents, strict=True)
        ),
        batch_size=200,
    )
    totals: dict[int, list[int]] = {}
    reports = []
    for number in range(runs):
        version = versions[min(int(dice.expovariate(1 / (lessons / 3))), lessons - 1)]
        pupils, rating = dice.randrange(20, 48), dice.choice((2, 3, 4, 4, 5, 5))
        held = totals.setdefault(version.lesson_id, [0, 0, 0])
        held[0], held[1], held[2] = held[0] + 1, held[1] + pupils, held[2] + rating
        reports.append(
            LessonRun(
                lesson_id=version.lesson_id, version=version, unit=dice.choice(units), pupils=pupils, rating=rating,
                ran_on=today - timedelta(days=dice.randrange(900)), class_name=f"7A{number}", folded_class=f"7a{number}",
                minutes=45, worked="Tốt", reported_at=now, updated_at=now, incident=number % 500 == 0,
                incident_note="Vỡ cốc" if number % 500 == 0 else "",
            )
        )  # fmt: skip
    LessonRun.objects.bulk_create(reports, batch_size=500)
    for row, version in zip(rows, versions, strict=True):
        count, pupils, rating = totals.get(row.pk, [0, 0, 0])
        row.state, row.current = "published", version
        row.runs_count, row.pupils_total, row.rating_sum, row.score = (
            count,
            pupils,
            rating,
            damped(rating, count),
        )
    names = ["state", "current", "runs_count", "pupils_total", "rating_sum", "score"]
    Lesson.objects.bulk_update(rows, names, batch_size=200)
    assert not Lesson.objects.filter(current__lesson_id__gt=F("pk")).exists()


def pages() -> dict[str, str]:
    """Return the addresses that are asked for; those of the desk begin with ``desk``."""
    from django.urls import reverse

    base, desk = reverse("curricula:lessons"), reverse("curricula-desk:lessons")
    return {
        "lessons, newest": base,
        "lessons, words without marks": f"{base}?tim=nang%20luong%20mat%20troi",
        "lessons, words and all filters": f"{base}?tim=robot&mon=computing&lop=8&danh-cho=pupils&phut=135&chi-phi=5000000",
        "lessons, best rated": f"{base}?xep=danh-gia",
        "lessons, most run, page 40": f"{base}?xep=day-nhieu&trang=40",
        "lessons, nothing found": f"{base}?tim=khong%20co%20bai%20nay",
        "curricula": reverse("curricula:curricula"),
        "one lesson": reverse("curricula:lesson", args=["bai-3"]),
        "desk: lessons": f"{desk}?tim=cam%20bien",
        "desk: reports": reverse("curricula-desk:runs"),
        "desk: reports of a year": f"{reverse('curricula-desk:runs')}?nam=2026&su-co=1",
    }


def inside(times: int) -> dict[str, list[float]]:
    """Ask for every page in this process; return milliseconds."""
    setup()
    from django.test import Client

    from khcn.orgs.models import User

    visitor, officer = (Client(headers={"accept-language": "vi", "host": "127.0.0.1"}) for _one in range(2))
    officer.force_login(User.objects.get(username="dau-moi"))
    found: dict[str, list[float]] = {}
    for name, path in pages().items():
        client = officer if name.startswith("desk") else visitor
        found[name] = []
        for number in range(times + 5):
            began = time.perf_counter()
            answer = client.get(path)
            spent = 1000 * (time.perf_counter() - began)
            if answer.status_code != 200 or not answer.content:
                raise SystemExit(f"{path}: status {answer.status_code}")
            if number >= 5:
                found[name].append(spent)
    return found


def one_database(kind: str, options: argparse.Namespace, folder: Path) -> list[dict[str, object]]:
    """Fill and ask on one database; return the figures."""
    env = {**os.environ, "KHCN_DATA_DIR": str(folder), "KHCN_GATE_PERCENT": "0"}
    if kind == "PostgreSQL":
        from tests.postgres import start_cluster

        env["KHCN_DATABASE_URL"] = start_cluster()

    def run(part: str) -> Any:
        words = [sys.executable, "-m", "benchmarks.programmes.lessons", "--times", str(options.times), part]
        words += ["--lessons", str(options.lessons), "--runs", str(options.runs)]
        done = subprocess.run(words, env=env, stdout=subprocess.PIPE, text=True, check=True)
        return json.loads(done.stdout.strip().splitlines()[-1])

    run("--fill")
    rows = []
    for name, found in run("--inside").items():
        p95 = quantile(found, 0.95)
        rows.append(figure(f"{kind}: {name}: p95", round(p95, 1), "ms", aim=LIMIT_MS, ok=p95 <= LIMIT_MS))
    return rows


def main(argv: list[str] | None = None) -> int:
    """Run the benchmark, or one of its parts in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lessons", type=int, default=5000)
    parser.add_argument("--runs", type=int, default=30_000)
    parser.add_argument("--times", type=int, default=40)
    parser.add_argument("--only", choices=["SQLite", "PostgreSQL"])
    parser.add_argument("--json", action="store_true")
    for part in ("--fill", "--inside"):
        parser.add_argument(part, action="store_true")
    options = parser.parse_args(argv)
    if options.fill:
        fill(options.lessons, options.runs)
        print("null")
        return 0
    if options.inside:
        print(json.dumps(inside(options.times)))
        return 0
    figures: list[dict[str, object]] = []
    for kind in [options.only] if options.only else ["SQLite", "PostgreSQL"]:
        with tempfile.TemporaryDirectory(prefix="khcn-bench-lessons-") as name:
            figures += one_database(kind, options, Path(name))
    if options.json:
        print(json.dumps({"name": "lessons", "figures": figures}, ensure_ascii=False))
    else:
        print_figures(figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
