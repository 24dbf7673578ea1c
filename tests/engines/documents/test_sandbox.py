"""Limits and losses: what happens when a file is too heavy or a worker dies."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest
from PIL import Image

from khcn.engines.documents import pool as pool_module
from khcn.engines.documents.pool import WorkerPool
from khcn.engines.documents.sandbox import extract_bytes, extract_file, thumbnail_file
from khcn.engines.documents.types import ExtractionError, Limits, PageText
from khcn.engines.documents.worker import _os_error
from tests.engines.documents import builders


def _code(pool: WorkerPool, data: bytes, name: str = "a.pdf", **options: object) -> str:
    with pytest.raises(ExtractionError) as caught:
        extract_bytes(data, name, pool=pool, **options)
    return caught.value.code


def test_killed_worker_is_one_failed_file() -> None:
    with WorkerPool(size=1) as pool:
        killed: list[int] = []

        def kill(page: PageText) -> None:
            if not killed:
                killed.extend(pool.pids)
                os.kill(pool.pids[0], signal.SIGKILL)

        data = builders.plain_pdf(3000)
        assert _code(pool, data, on_page=kill) == "crashed"
        assert extract_bytes(b"next", "a.txt", pool=pool).text == "next"
        assert pool.pids != tuple(killed)


def test_timeout_ends_the_worker_and_all_it_started() -> None:
    with WorkerPool(size=1) as pool:
        extract_bytes(b"warm", "a.txt", pool=pool)
        first = pool.pids
        started = time.monotonic()
        assert _code(pool, builders.plain_pdf(4000), limits=Limits(max_seconds=0.1)) == "timeout"
        assert time.monotonic() - started < 5
        assert not psutil.pid_exists(first[0])
        assert extract_bytes(b"next", "a.txt", pool=pool).text == "next"


def test_memory_limit(tmp_path: Path) -> None:
    Image.new("RGB", (12_000, 12_000), "white").save(tmp_path / "big.png", compress_level=1)
    with WorkerPool(size=1) as pool:
        with pytest.raises(ExtractionError) as caught:
            thumbnail_file(tmp_path / "big.png", pool=pool, limits=Limits(max_memory=600 * 1024 * 1024))
        assert caught.value.code == "memory"
        assert thumbnail_file(tmp_path / "big.png", pool=pool, limits=Limits(max_memory=4 << 30))


def test_oversized_file_is_refused_before_it_is_read(tmp_path: Path, pool: WorkerPool) -> None:
    path = tmp_path / "huge.pdf"
    with path.open("wb") as file:
        file.write(builders.plain_pdf(1))
        file.truncate(600 * 1024 * 1024)
    with pytest.raises(ExtractionError) as caught:
        extract_file(path, pool=pool)
    assert caught.value.code == "too_large"
    assert "600 MB" in caught.value.message
    assert "512 MB" in caught.value.message


def test_large_but_allowed_pdf_is_read_within_memory(tmp_path: Path, pool: WorkerPool) -> None:
    path = tmp_path / "large.pdf"
    path.write_bytes(builders.plain_pdf(3))
    with path.open("r+b") as file:  # 500 MB of free space behind the trailer; the file is sparse
        file.truncate(500 * 1024 * 1024)
    extraction = extract_file(path, pool=pool, limits=Limits(max_memory=1 << 30))
    assert len(extraction.pages) == 3


def test_zip_bomb_inside_a_document() -> None:
    with WorkerPool(size=1) as pool:
        heavy = b"<w:p/>" * 10_000_000
        bomb = builders.zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": heavy})
        assert len(bomb) < 200_000
        assert _code(pool, bomb, "a.docx") == "bomb"
        image = builders.zipped(
            {"[Content_Types].xml": "<Types/>", "word/document.xml": "<x/>", "word/media/a": heavy}
        )
        assert _code(pool, image, "a.docx") == "bomb"


def test_deeply_nested_xml_is_refused(pool: WorkerPool) -> None:
    deep = "<a>" * 100_000 + "</a>" * 100_000
    assert _code(pool, builders.zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": deep}), "a.docx") == "corrupt"  # fmt: skip


def test_image_that_claims_to_be_enormous(tmp_path: Path, pool: WorkerPool) -> None:
    (tmp_path / "a.png").write_bytes(builders.png_of(60_000, 60_000))
    with pytest.raises(ExtractionError) as caught:
        extract_file(tmp_path / "a.png", pool=pool)
    assert caught.value.code == "bomb"


def test_workers_are_reused_and_replaced() -> None:
    with WorkerPool(size=1, recycle_after=3) as pool:
        pids = []
        for _ in range(7):
            extract_bytes(b"x y z", "a.txt", pool=pool)
            pids.append(pool.pids)
        assert len({pid for pid in pids if pid}) >= 2
    with WorkerPool(size=1) as pool:
        extract_bytes(b"x", "a.txt", pool=pool)
        first = pool.pids
        started = time.monotonic()
        for _ in range(20):
            extract_bytes(b"x", "a.txt", pool=pool)
        assert pool.pids == first
        assert (time.monotonic() - started) / 20 < 0.5  # a fresh interpreter a file would take longer


def test_nothing_is_left_behind() -> None:
    before = set(Path(tempfile.gettempdir()).glob("khcn-documents-*"))
    with WorkerPool(size=2) as pool:
        extract_bytes(b"x", "a.txt", pool=pool)
        _code(pool, b"PK\x03\x04broken", "a.docx")
        home = pool._home
        assert not list(home.glob("job-*"))
        pids = pool.pids
    assert not home.exists()
    assert set(Path(tempfile.gettempdir()).glob("khcn-documents-*")) <= before
    assert not any(psutil.pid_exists(pid) for pid in pids)
    assert not [child for child in psutil.Process().children() if child.status() == psutil.STATUS_ZOMBIE]


def test_secrets_do_not_reach_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KHCN_SECRET_KEY", "s3cret")
    with WorkerPool(size=1) as pool:
        extract_bytes(b"x", "a.txt", pool=pool)
        environment = Path(f"/proc/{pool.pids[0]}/environ").read_bytes()
    assert b"s3cret" not in environment
    assert b"PATH=" in environment


def test_workers_end_with_a_killed_parent(tmp_path: Path) -> None:
    code = (
        "import time; from khcn.engines.documents.sandbox import extract_bytes;"
        "from khcn.engines.documents.pool import default_pool;"
        "extract_bytes(b'x', 'a.txt'); print(default_pool().pids[0], flush=True); time.sleep(60)"
    )
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(pool_module.__file__).parents[3]),
        "TMPDIR": str(tmp_path),
    }
    parent = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 10
    while psutil.pid_exists(worker) and psutil.Process(worker).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline, "the worker outlived its parent"
        time.sleep(0.1)


def test_stale_folders_of_dead_processes_are_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    dead = tmp_path / "khcn-documents-999999999-x"
    alive = tmp_path / f"khcn-documents-{os.getppid()}-x"
    dead.mkdir()
    alive.mkdir()
    with WorkerPool(size=1):
        assert not dead.exists()
        assert alive.exists()


def test_system_errors_have_codes() -> None:
    assert _os_error(OSError(28, "No space left on device"))["code"] == "disk_full"
    assert _os_error(OSError(27, "File too large"))["code"] == "bomb"
    assert _os_error(OSError(12, "Cannot allocate memory"))["code"] == "memory"


def test_no_room_for_the_scratch_folder_is_said(monkeypatch: pytest.MonkeyPatch, pool: WorkerPool) -> None:
    def full(self: Path, *args: object, **kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    data = b"x"
    with monkeypatch.context() as patch, tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        patch.setattr(Path, "mkdir", full)
        with pytest.raises(ExtractionError) as caught:
            extract_file(Path(file.name), name="a.txt", pool=pool)
    assert caught.value.code == "disk_full"
    assert extract_bytes(data, "a.txt", pool=pool).text == "x"


def test_package_with_an_encrypted_part(pool: WorkerPool, tmp_path: Path) -> None:
    data = bytearray(builders.docx(builders.paragraph("x")))
    for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.find(sign)
        while place >= 0:
            data[place + offset] |= 1
            place = data.find(sign, place + 4)
    assert _code(pool, bytes(data), "a.docx") == "encrypted"
