"""The contract of ``khcn library``, run as a stranger runs it: from another folder, in a folder that is missing.

The commands bring their own SQLite folder, so these stories are told once, whatever database the others use.
"""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from khcn.core.prepare import file_lock
from tests import database
from tests.library.files import LETTER, text_file

pytestmark = pytest.mark.skipif(
    os.environ.get("KHCN_TEST_DB") == "postgres",
    reason="the command's stories run on their own SQLite folder",
)


class Khcn:
    """Runs the command with a data folder of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.data = home / "chưa có" / "dữ liệu"

    @property
    def environment(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("KHCN_", "DJANGO_"))}
        return {**kept, "KHCN_DATA_DIR": str(self.data)}

    def run(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [Path(sys.executable).with_name("khcn"), "library", *arguments],
            check=False,
            cwd=self.home,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=900,  # the first one prepares the folder
        )
        assert not check or done.returncode == 0, done.stderr
        return done

    def json(self, *arguments: str) -> Any:
        return json.loads(self.run(*arguments).stdout)


LINES = [
    {"id": "qd", "title": "Quyết định về đo lường", "text": "Cân ở chợ phải kiểm định mỗi năm một lần."},
    {
        "id": "kh",
        "title": "Kế hoạch khoa học",
        "text": "Hoạt động khoa học và công nghệ.",
        "number": "82/KH-UBND",
    },
    {"id": 3, "title": "Chuyện khác", "text": "Nuôi cá cảnh trong nhà."},
]


@pytest.fixture(scope="session")
def khcn(tmp_path_factory: pytest.TempPathFactory) -> Khcn:
    """A folder with three works, a copy of the first process's; the database of that one begins as a migrated copy."""
    shared = Path(os.environ["KHCN_TEST_HOME"])
    first = Khcn(shared / "nhà đầu tiên")
    with file_lock(shared / "command.lock"):
        if not (first.home / "xong").exists():
            shutil.rmtree(first.home, ignore_errors=True)
            first.home.mkdir()
            if database.held(copy := database.template()):
                database.take(copy, first.data / "db.sqlite3")
            rows = [json.dumps(line, ensure_ascii=False) for line in LINES]
            text_file(first.home / "kho.jsonl", "\n".join([rows[0], "{hỏng", *rows[1:]]))
            first.run("import", "kho.jsonl", "--publish", "--json")
            (first.home / "xong").touch()
    own = tmp_path_factory.mktemp("nha") / "của tôi"
    shutil.copytree(first.home, own)
    return Khcn(own)


def test_import_of_jsonl_has_the_promised_shape(khcn: Khcn) -> None:
    done = khcn.run("import", "kho.jsonl", "--publish", "--json")
    report = json.loads(done.stdout)
    assert set(report) == {"imported", "updated", "unchanged", "failed", "seconds"}
    assert (report["imported"], report["updated"], report["unchanged"]) == (0, 0, 3)
    assert [set(item) for item in report["failed"]] == [{"line", "error"}]
    assert report["failed"][0]["line"] == 2
    assert "JSON" in report["failed"][0]["error"]
    assert "dòng 2" in done.stderr
    assert (khcn.data / "secret-key").stat().st_mode & 0o77 == 0


def test_import_of_a_folder_has_the_promised_shape(khcn: Khcn) -> None:
    folder = khcn.home / "hồ sơ"
    text_file(folder / "kế hoạch.txt", LETTER)
    text_file(folder / "rỗng.txt", "")
    report = khcn.json("import", str(folder), "--publish", "--json")
    assert (report["imported"], len(report["failed"])) == (1, 1)
    by_name = {item["file"]: item for item in report["items"]}
    good, bad = by_name["kế hoạch.txt"], by_name["rỗng.txt"]
    assert set(good) == {"file", "id", "state", "pages", "warnings", "duplicate_of", "metadata"}
    assert (good["state"], good["pages"], good["duplicate_of"]) == ("ready", 1, None)
    assert good["metadata"]["number"] == "145/KH-UBND"
    assert (bad["state"], bad["id"]) == ("failed", None) and "rỗng" in bad["error"]

    text = khcn.json("text", str(good["id"]), "--json")
    assert [set(page) for page in text["pages"]] == [{"page", "text", "source", "encoding", "confidence"}]
    assert (text["pages"][0]["page"], text["pages"][0]["source"], text["pages"][0]["encoding"]) == (
        1,
        "text",
        "unicode",
    )
    assert "ngày hội sáng tạo" in text["pages"][0]["text"]

    found = khcn.json("search", "ngay hoi sang tao", "--json")
    assert found["hits"][0]["id"] == good["id"]

    again = khcn.json("import", str(folder), "--publish", "--json")
    held = {item["file"]: item for item in again["items"]}["kế hoạch.txt"]
    assert (held["state"], held["id"], held["duplicate_of"]) == (
        "ready_with_warnings",
        good["id"],
        good["id"],
    )


def test_search_with_and_without_marks(khcn: Khcn) -> None:
    for query in ("quyết định đo lường", "quyet dinh do luong"):
        answer = khcn.json("search", query, "--limit", "2", "--json")
        assert set(answer) == {"total", "took_ms", "hits"}
        hit = answer["hits"][0]
        assert {"id", "external_id", "title", "score", "page", "snippet"} <= set(hit)
        assert (hit["external_id"], hit["page"]) == ("qd", 1)
    assert khcn.json("search", "82/KH-UBND", "--json")["hits"][0]["external_id"] == "kh"
    assert khcn.json("search", "không hề có chữ xyzzy", "--limit", "1", "--json")["hits"][:2] is not None


def test_many_questions_are_answered_in_order(khcn: Khcn) -> None:
    asked = [{"id": "q9", "query": "ca canh"}, {"id": 1, "query": "đo lường"}, {"id": "q9", "query": ""}]
    path = text_file(khcn.home / "q.jsonl", "\n".join(json.dumps(line) for line in asked))
    lines = [
        json.loads(line) for line in khcn.run("search", "--queries", str(path), "--json").stdout.splitlines()
    ]
    assert [(line["id"], line["query"]) for line in lines] == [(line["id"], line["query"]) for line in asked]
    assert lines[0]["hits"][0]["external_id"] == "3"
    assert lines[1]["hits"][0]["external_id"] == "qd"


def test_text_by_external_id_and_reindex(khcn: Khcn) -> None:
    assert khcn.json("text", "qd", "--json")["pages"][0]["text"].startswith("Cân ở chợ")
    assert khcn.json("text", "3", "--external", "--json")["pages"][0]["text"].startswith("Nuôi cá")
    assert khcn.json("reindex", "--json")["indexed"] >= 3
    assert khcn.json("search", "nuoi ca", "--json")["total"] >= 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["import", "khong-co.jsonl", "--json"], "Không tìm thấy"),
        (["text", "999999", "--json"], "không có tài liệu"),
        (["import", "kho.jsonl", "--unit", "khong-co", "--json"], "đơn vị"),
        (["search", "--queries", "khong-co.jsonl", "--json"], "khong-co.jsonl"),
        (["search", "--json"], "câu cần tìm"),
    ],
)
def test_a_failure_says_why_on_standard_error_only(khcn: Khcn, arguments: list[str], said: str) -> None:
    done = khcn.run(*arguments, check=False)
    assert done.returncode != 0
    assert done.stdout == ""
    assert said in done.stderr and "Traceback" not in done.stderr


def test_nothing_at_all_came_in(khcn: Khcn) -> None:
    path = text_file(khcn.home / "hong.jsonl", "{hỏng\n")
    done = khcn.run("import", str(path), "--json", check=False)
    assert done.returncode == 1
    assert len(json.loads(done.stdout)["failed"]) == 1


@pytest.mark.slow
def test_a_folder_that_is_missing_is_prepared(tmp_path: Path) -> None:
    stranger = Khcn(tmp_path)
    done = stranger.run("search", "đo lường", "--json")
    assert json.loads(done.stdout)["hits"] == [] and "Chuẩn bị cơ sở dữ liệu" in done.stderr
    assert (stranger.data / "secret-key").stat().st_mode & 0o77 == 0


@pytest.mark.slow
def test_killed_in_the_middle_and_run_again(khcn: Khcn) -> None:
    count = 20_000
    lines = (
        json.dumps({"id": f"n{number}", "title": f"Số {number}", "text": "chữ " * 60})
        for number in range(count)
    )
    path = text_file(khcn.home / "lớn.jsonl", "\n".join(lines))
    held = "select count(*) from library_work where external_id like 'n%'"
    process = subprocess.Popen(
        [Path(sys.executable).with_name("khcn"), "library", "import", str(path), "--publish", "--json"],
        env=khcn.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    held_rows = sqlite3.connect(khcn.data / "db.sqlite3")
    deadline = time.monotonic() + 120
    while held_rows.execute(held).fetchone()[0] == 0 and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()

    (kept,) = held_rows.execute(held).fetchone()
    assert 0 < kept < count and kept % 1000 == 0  # whole batches
    assert held_rows.execute("pragma integrity_check").fetchone() == ("ok",)
    report = khcn.json("import", str(path), "--publish", "--json")
    assert (report["imported"], report["unchanged"]) == (count - kept, kept)
    assert held_rows.execute(held).fetchone() == (count,)
    held_rows.close()
