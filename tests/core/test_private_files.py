"""Attachments: taken by content, whole or not at all, without what a phone hides in a picture."""

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404
from PIL import Image

from khcn.core.private_files import PAPERS, PICTURES, Drawer, FileRefusedError
from tests.engines.documents.builders import plain_pdf

pytestmark = pytest.mark.nodb
DRAWER = Drawer("thu/ngan-keo", PAPERS | PICTURES, limit=200_000)


@pytest.fixture(autouse=True)
def _empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(Drawer, "folder", lambda self: _made(tmp_path / self.room))
    yield
    assert not list(tmp_path.rglob("*.part")), "a half file was left behind"


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def photo(**options: object) -> bytes:
    picture, sink = Image.new("RGB", (60, 40), "red"), io.BytesIO()
    exif = Image.Exif()
    exif[0x0110] = "Máy ảnh thử"  # the model of the device
    exif[0x0112] = 6  # lying on its side
    picture.save(sink, "JPEG", exif=exif, **options)
    return sink.getvalue()


def test_a_paper_is_kept_as_it_is_under_a_name_of_ours() -> None:
    data = plain_pdf(1)
    kept = DRAWER.keep(SimpleUploadedFile("../../Biên bản số 1.pdf", data))
    assert kept.sha256 == hashlib.sha256(data).hexdigest() and kept.size == len(data)
    assert kept.title == "Biên bản số 1.pdf" and kept.name.endswith(".pdf")
    assert DRAWER.path(kept.name).read_bytes() == data
    response = DRAWER.response(kept.name, kept.title)
    assert (
        response["Content-Disposition"].startswith("attachment")
        and "sandbox" in response["Content-Security-Policy"]
    )
    response.close()


def test_a_photo_loses_what_the_phone_hid_in_it_and_stands_upright() -> None:
    kept = DRAWER.keep(SimpleUploadedFile("anh.jpg", photo()))
    with Image.open(DRAWER.path(kept.name)) as picture:
        assert picture.size == (40, 60) and not picture.getexif()
    assert b"thu" not in DRAWER.path(kept.name).read_bytes()[:400]


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("trong.pdf", b"", "file-empty"),
        ("trang.html", b"<!doctype html><script>alert(1)</script>", "file-kind"),
        ("anh.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "file-kind"),
        ("chay.pdf", b"MZ\x90\x00" + b"\x00" * 200, "file-kind"),
        ("to.pdf", plain_pdf(1) + b"\x00" * 300_000, "file-too-large"),
        ("hong.jpg", photo()[:200], "file-picture"),
    ],
)
def test_what_is_refused_leaves_nothing(name: str, data: bytes, code: str) -> None:
    with pytest.raises(FileRefusedError) as refused:
        DRAWER.keep(SimpleUploadedFile(name, data))
    assert refused.value.code == code
    assert not list(DRAWER.folder().iterdir())


@pytest.mark.parametrize("name", ["../bi-mat", "/etc/passwd", "a/b.pdf", "", ".ssh", "khong-co.pdf"])
def test_only_names_made_here_open_anything(name: str) -> None:
    with pytest.raises(Http404):
        DRAWER.response(name, "x")


def test_a_full_disk_is_said_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("khcn.core.private_files.os.fsync", full)
    with pytest.raises(FileRefusedError) as refused:
        DRAWER.keep(SimpleUploadedFile("a.pdf", plain_pdf(1)))
    assert refused.value.code == "file-not-written"
    assert not list(DRAWER.folder().iterdir())
