"""BagIt bags: what was put in is what comes out, and every change is found."""

from collections.abc import Callable
from pathlib import Path

import pytest

from khcn.engines.bags import BagFault, check_bag, make_bag, read_info, sign_bag

INFO = {"Source-Organization": "Thư viện", "Bag-Count": "1 of 1"}


@pytest.fixture
def bag(tmp_path: Path) -> Path:
    folder = tmp_path / "tui"
    (folder / "con").mkdir(parents=True)
    (folder / "một.txt").write_text("nội dung")
    (folder / "con" / "100% thật\nxuống dòng.bin").write_bytes(b"\x00" * 10)
    make_bag(folder, INFO)
    return folder


def test_a_bag_holds_what_was_in_the_folder(bag: Path) -> None:
    found = check_bag(bag)
    assert set(found.payload) == {"data/một.txt", "data/con/100% thật\nxuống dòng.bin"}
    assert found.info == {**INFO, "Payload-Oxum": f"{len('nội dung'.encode()) + 10}.2"}
    assert (bag / "bagit.txt").read_text() == "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
    assert "100%25 thật%0Axuống dòng.bin" in (bag / "manifest-sha256.txt").read_text()


def _changed(bag: Path) -> None:
    (bag / "data" / "một.txt").write_text("nội dunG")


def _gone(bag: Path) -> None:
    (bag / "data" / "một.txt").unlink()


def _more(bag: Path) -> None:
    (bag / "data" / "hai.txt").write_text("")


def _info_changed(bag: Path) -> None:
    (bag / "bag-info.txt").write_text("Bag-Count: 2 of 2\n")


def _no_declaration(bag: Path) -> None:
    (bag / "bagit.txt").unlink()


def _escape(bag: Path) -> None:
    with (bag / "manifest-sha256.txt").open("a") as handle:
        handle.write("0" * 64 + "  data/../../etc/passwd\n")


def _absolute(bag: Path) -> None:
    with (bag / "manifest-sha256.txt").open("a") as handle:
        handle.write("0" * 64 + "  /etc/passwd\n")


def _noise(bag: Path) -> None:
    (bag / "manifest-sha256.txt").write_bytes(b"\xff\xfe nothing")


def _half_line(bag: Path) -> None:
    (bag / "manifest-sha256.txt").write_text("abc  data/x\n")


def _link(bag: Path) -> None:
    (bag / "data" / "link").symlink_to("/etc/hostname")


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_changed, "checksum differs: data/một.txt"),
        (_gone, "missing or too many: data/một.txt"),
        (_more, "missing or too many: data/hai.txt"),
        (_info_changed, "checksum differs: bag-info.txt"),
        (_no_declaration, "tag file missing: bagit.txt"),
        (_escape, "leaves the bag"),
        (_absolute, "leaves the bag"),
        (_noise, "not UTF-8"),
        (_half_line, "not a line of a manifest"),
        (_link, "links lead out"),
    ],
)
def test_what_is_wrong_is_named(bag: Path, spoil: Callable[[Path], None], says: str) -> None:
    spoil(bag)
    with pytest.raises(BagFault, match=says):
        check_bag(bag)


def test_a_bag_may_be_signed_anew(bag: Path) -> None:
    _changed(bag)
    sign_bag(bag, read_info(bag))
    assert check_bag(bag).info["Source-Organization"] == "Thư viện"
