"""ZIP files: every member comes out or is refused with a reason, and the rest goes on."""

import io
import stat
import zipfile
from pathlib import Path

import pytest

from khcn.engines.documents import archive
from khcn.engines.documents.archive import ArchiveLimits, Member, Refusal, iter_archive
from khcn.engines.documents.types import ExtractionError
from tests.engines.documents.builders import docx, paragraph, zipped


def _run(tmp_path: Path, data: bytes, **limits: object) -> tuple[dict[str, bytes], dict[str, str]]:
    """Members with content, refusals with code."""
    path = tmp_path / "in.zip"
    path.write_bytes(data)
    members: dict[str, bytes] = {}
    refusals: dict[str, str] = {}
    for item in iter_archive(path, limits=ArchiveLimits(**limits), folder=tmp_path):  # type: ignore[arg-type]
        if isinstance(item, Member):
            assert item.path.is_relative_to(tmp_path)
            members[item.name] = item.path.read_bytes()
            assert item.size == len(members[item.name])
        else:
            refusals[item.name] = item.code
            assert item.message
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["in.zip"]
    return members, refusals


def test_bad_names_are_refused_and_the_rest_goes_on(tmp_path: Path) -> None:
    names = [
        "ok.txt",
        "../up.txt",
        "/etc/passwd",
        "a/../../b.txt",
        "..\\win.txt",
        "C:\\x.txt",
        "sâu/trong/tệp.txt",
    ]
    members, refusals = _run(tmp_path, zipped({name: name for name in names}))
    assert set(members) == {"ok.txt", "sâu/trong/tệp.txt"}
    assert set(refusals.values()) == {"path_escape"}
    assert len(refusals) == 5
    assert not (tmp_path.parent / "up.txt").exists()


def test_links_and_devices_are_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        for name, mode in (("link", stat.S_IFLNK), ("fifo", stat.S_IFIFO), ("file", stat.S_IFREG)):
            info = zipfile.ZipInfo(name)
            info.external_attr = (mode | 0o644) << 16
            package.writestr(info, "/etc/passwd")
        package.mkdir("folder")
    members, refusals = _run(tmp_path, buffer.getvalue())
    assert set(members) == {"file"}
    assert refusals == {"link": "symlink", "fifo": "special_file"}


def test_names_of_any_alphabet(tmp_path: Path) -> None:
    wanted = {"Quyết định số 5.pdf": b"a", "văn bản.txt": b"b", "日本語.txt": b"c", "😀.txt": b"d"}
    assert _run(tmp_path, zipped(wanted))[0] == wanted


def test_names_written_without_saying_the_code_page(tmp_path: Path) -> None:
    def unflagged(name: bytes) -> bytes:
        data = bytearray(zipped({"x" * len(name): b"y"}))
        return bytes(data).replace(b"x" * len(name), name)

    assert set(_run(tmp_path, unflagged("Kế hoạch.txt".encode()))[0]) == {"Kế hoạch.txt"}
    decomposed = "Quyê\u0301t đi\u0323nh.txt"
    assert set(_run(tmp_path, unflagged(decomposed.encode("cp1258")))[0]) == {"Quyết định.txt"}
    assert set(_run(tmp_path, unflagged("naïve.txt".encode("cp437")))[0]) == {"naïve.txt"}


def test_direction_marks_and_control_characters_leave_names(tmp_path: Path) -> None:
    assert set(_run(tmp_path, zipped({"a\u202efdp.exe": b"x", "b\x07.txt": b"y"}))[0]) == {
        "afdp.exe",
        "b.txt",
    }


def test_nested_archives_one_level_deep(tmp_path: Path) -> None:
    deep = zipped({"deep.txt": "x"})
    inner = zipped({"inner.txt": "y", "deep.zip": deep, "a.docx": docx(paragraph("z"))})
    members, refusals = _run(tmp_path, zipped({"outer.txt": "z", "inner.zip": inner}))
    assert set(members) == {"outer.txt", "inner.zip/inner.txt", "inner.zip/a.docx"}
    assert refusals == {"inner.zip/deep.zip": "nested_archive"}


def test_bombs_by_ratio_size_and_sum(tmp_path: Path) -> None:
    data = zipped({"a.txt": b"\0" * 60_000_000, "b.txt": b"fine"})
    members, refusals = _run(tmp_path, data)
    assert refusals == {"a.txt": "entry_bomb"}
    assert set(members) == {"b.txt"}
    assert _run(tmp_path, data, max_entry_bytes=1000)[1] == {"a.txt": "entry_too_large"}
    many = zipped({f"{number}": b"x" * 1000 for number in range(10)}, zipfile.ZIP_STORED)
    members, refusals = _run(tmp_path, many, max_total_bytes=4500)
    assert len(members) == 4
    assert refusals == {"4": "bomb"}


def test_size_that_lies_in_the_directory(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.txt": b"\0" * 30_000_000, "b.txt": b"fine"}))
    for sign, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = data.find(sign)
        data[place + offset : place + offset + 4] = (100).to_bytes(4, "little")
    members, refusals = _run(tmp_path, bytes(data))
    assert refusals == {"a.txt": "bad_entry"}
    assert set(members) == {"b.txt"}


def test_too_many_entries(tmp_path: Path) -> None:
    members, refusals = _run(tmp_path, zipped({f"{n:05}": "x" for n in range(12_000)}), max_entries=10_000)
    assert len(members) == 10_000
    assert refusals == {"10000": "too_many_entries"}


def test_broken_and_encrypted_entries(tmp_path: Path) -> None:
    data = bytearray(zipped({"good": b"g" * 500, "locked": b"l", "bad": b"0123456789" * 50}))
    place = data.rfind(b"PK\x01\x02", 0, data.rfind(b"PK\x01\x02"))
    data[place + 8] |= 1  # the second entry of the directory says: encrypted
    crc = data.rfind(b"PK\x01\x02") + 16
    data[crc] ^= 0xFF
    members, refusals = _run(tmp_path, bytes(data))
    assert set(members) == {"good"}
    assert refusals == {"locked": "entry_encrypted", "bad": "bad_entry"}


def test_system_files_are_passed_over(tmp_path: Path) -> None:
    assert _run(tmp_path, zipped({"__MACOSX/._a": "x", ".DS_Store": "x", "Thumbs.db": "x", "a": "y"})) == (
        {"a": b"y"},
        {},
    )


def test_what_cannot_be_opened(tmp_path: Path) -> None:
    for data in (b"PK\x03\x04nothing", zipped({"a": "x"})[:-30], b""):
        with pytest.raises(ExtractionError) as caught:
            _run(tmp_path, data)
        assert caught.value.code == "corrupt"


def test_full_disk_stops_the_archive(tmp_path: Path) -> None:
    path = tmp_path / "in.zip"
    path.write_bytes(zipped({"a": b"x" * 100_000}, zipfile.ZIP_STORED))
    budget = archive._Budget(ArchiveLimits(), tmp_path)
    with zipfile.ZipFile(path) as package, pytest.raises(ExtractionError) as caught:
        archive._unpack(package, package.infolist()[0], Path("/dev/full"), budget)
    assert caught.value.code == "disk_full"


def test_refusals_are_sentences() -> None:
    refusal = Refusal("a/b.txt", "entry_too_large", {"limit": "5 MB"})
    assert refusal.message == "a/b.txt lớn hơn mức cho phép (5 MB) nên bị bỏ qua. Hãy chia nhỏ tệp."
