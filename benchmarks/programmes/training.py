"""Training with 20,000 records of 6,000 people in 168 units: p95 of the lists in one process, on SQLite and PostgreSQL."""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.http_load import quantile
from benchmarks.plan.pages import setup
from benchmarks.runner import figure, print_figures

LIMIT_MS = 200.0
UNITS = 168
PEOPLE = 6000


def fill(records: int) -> None:
    """Fill an empty database: units, common positions with what they require, people, records, an officer."""
    setup()
    from django.core.management import call_command
    from django.utils import timezone

    call_command("migrate", verbosity=0)
    from khcn.engines.text.collate import person_key, sort_key
    from khcn.engines.text.fold import fold
    from khcn.orgs.enums import Role
    from khcn.orgs.models import Membership, Unit, UnitKind, User
    from khcn.programmes.enums_training import RecordBasis, RecordState, Staff
    from khcn.programmes.models.training import (
        PositionTopic,
        TrainingPerson,
        TrainingPosition,
        TrainingPost,
        TrainingTopic,
    )
    from khcn.programmes.models.training_more import TrainingRecord
    from khcn.programmes.rules.training import valid_until

    dice, now = random.Random(7), timezone.now()
    today = timezone.localdate(now)
    kind, _made = UnitKind.objects.get_or_create(code="phong", defaults={"label": "Phòng"})
    units = [
        Unit.objects.create(name=f"Đơn vị {one}", kind=kind, sort_key=f"{one:03}") for one in range(UNITS)
    ]
    for username, role in (("do-daumoi", Role.FOCAL_OFFICER), ("do-baocao", Role.UNIT_REPORTER)):
        user = User.objects.create(username=username, full_name=username, person_key=username)
        Membership.objects.create(user=user, unit=units[0], role=role)
    topics = TrainingTopic.objects.bulk_create(
        TrainingTopic(code=f"CD{n}", name=f"Chủ đề {n}", folded_name=f"chu de {n}", sort_key=f"{n:02}",
                      valid_months=(None, 12, 24, 36)[n % 4], updated_at=now)
        for n in range(12)
    )  # fmt: skip
    titles = ["Chủ tịch", "Phó chủ tịch", "Công chức", "Kế toán", "Giáo viên", "Hiệu trưởng"]

    def position(unit: Any, title: str) -> Any:
        return TrainingPosition(
            unit=unit, title=title, folded_title=fold(title), sort_key=sort_key(title), updated_at=now
        )

    common = TrainingPosition.objects.bulk_create(position(None, title) for title in titles)
    PositionTopic.objects.bulk_create(
        PositionTopic(position=one, topic=topic, within_months=6)
        for one in common
        for topic in dice.sample(topics, 3)
    )
    positions = TrainingPosition.objects.bulk_create(
        [position(unit, title) for unit in units for title in titles], batch_size=500
    )
    names = [
        f"Nguyễn {dice.choice(['Thị', 'Văn'])} {dice.choice(['An', 'Bình', 'Chi', 'Dũng', 'Giang', 'Hạnh'])} {n}"
        for n in range(PEOPLE)
    ]
    people = TrainingPerson.objects.bulk_create(
        (
            TrainingPerson(name=name, folded_name=fold(name), sort_key=person_key(name), created_at=now)
            for name in names
        ),
        batch_size=500,
    )
    posts = []
    for person in people:
        at = dice.choice(positions)
        since = today - timedelta(days=dice.randrange(30, 3000))
        posts.append(
            TrainingPost(
                person=person,
                unit_id=at.unit_id,
                position=at,
                audience=Staff.OFFICIALS,
                office_on=since,
                starts_on=since,
            )
        )
    TrainingPost.objects.bulk_create(posts, batch_size=500)

    def record(number: int) -> Any:
        post, topic = dice.choice(posts), dice.choice(topics)
        held = today - timedelta(days=dice.randrange(1500))
        return TrainingRecord(
            person_id=post.person_id, topic=topic, unit_id=post.unit_id, basis=RecordBasis.DECLARED,
            state=RecordState.VERIFIED if number % 20 else RecordState.ENTERED, title=f"Khóa {number}", organiser="Trường", held_on=held,
            valid_until=valid_until(held, topic.valid_months), hours=16, entered_at=now,
        )  # fmt: skip

    TrainingRecord.objects.bulk_create((record(number) for number in range(records)), batch_size=500)


def pages() -> list[tuple[str, str, str]]:
    """Return (name, who, address) of what is asked for."""
    from django.urls import reverse

    def at(name: str, more: str = "") -> str:
        return reverse(f"training-desk:{name}") + more

    return [
        ("needs of the district", "do-daumoi", at("home")),
        ("people, all units", "do-daumoi", at("people")),
        ("people, words without marks", "do-daumoi", at("people", "?tim=nguyen%20thi")),
        ("people who lack something", "do-daumoi", at("people", "?tinh-trang=can")),
        ("records, all", "do-daumoi", at("records")),
        ("records, page 200", "do-daumoi", at("records", "?trang=200")),
        ("records that wait", "do-daumoi", at("records", "?tinh-trang=entered")),
        ("summary of the year", "do-daumoi", at("summary")),
        ("needs of one unit", "do-baocao", at("home")),
        ("people of one unit", "do-baocao", at("people")),
        ("records of one unit", "do-baocao", at("records")),
    ]


def inside(times: int) -> dict[str, list[float]]:
    """Ask for every page in this process; return milliseconds."""
    setup()
    from django.test import Client

    from khcn.orgs.models import User

    found: dict[str, list[float]] = {}
    for name, who, path in pages():
        client = Client(headers={"accept-language": "vi", "host": "127.0.0.1"})
        client.force_login(User.objects.get(username=who))
        found[name] = []
        for number in range(times + 3):
            began = time.perf_counter()
            answer = client.get(path)
            spent = 1000 * (time.perf_counter() - began)
            if answer.status_code != 200 or not answer.content:
                raise SystemExit(f"{path}: status {answer.status_code}")
            if number >= 3:
                found[name].append(spent)
    return found


def one_database(kind: str, options: argparse.Namespace, folder: Path) -> list[dict[str, object]]:
    """Fill and ask on one database; return the figures."""
    env = {**os.environ, "KHCN_DATA_DIR": str(folder), "KHCN_GATE_PERCENT": "0"}
    if kind == "PostgreSQL":
        from tests.postgres import start_cluster

        env["KHCN_DATABASE_URL"] = start_cluster()

    def run(part: str) -> Any:
        words = [
            sys.executable,
            "-m",
            "benchmarks.programmes.training",
            "--times",
            str(options.times),
            "--records",
            str(options.records),
            part,
        ]
        done = subprocess.run(words, env=env, stdout=subprocess.PIPE, text=True, check=True)
        return json.loads(done.stdout.strip().splitlines()[-1])

    run("--fill")
    rows = []
    for name, found in run("--inside").items():
        p95 = quantile(found, 0.95)
        rows.append(
            figure(f"{kind}: training, {name}: p95", round(p95, 1), "ms", aim=LIMIT_MS, ok=p95 <= LIMIT_MS)
        )
    return rows


def main(argv: list[str] | None = None) -> int:
    """Run the benchmark, or one of its parts in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--times", type=int, default=40)
    parser.add_argument("--only", choices=["SQLite", "PostgreSQL"])
    parser.add_argument("--json", action="store_true")
    for part in ("--fill", "--inside"):
        parser.add_argument(part, action="store_true")
    options = parser.parse_args(argv)
    if options.fill:
        fill(options.records)
        print("null")
        return 0
    if options.inside:
        print(json.dumps(inside(options.times)))
        return 0
    figures: list[dict[str, object]] = []
    for kind in [options.only] if options.only else ["SQLite", "PostgreSQL"]:
        with tempfile.TemporaryDirectory(prefix="khcn-bench-training-") as name:
            figures += one_database(kind, options, Path(name))
    if options.json:
        print(json.dumps({"name": "programmes training", "figures": figures}, ensure_ascii=False))
    else:
        print_figures(figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
