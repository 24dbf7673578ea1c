"""Bags of ours read by the library ``bagit`` of the Library of Congress, and its bags read by us.

It has no wheel in its newest release, so it is no dependency: the test runs where it is there (Debian: python3-bagit; or
``BAGIT_SOURCE`` names the folder of its source, which is looked at first) and says why it did not run elsewhere.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from khcn.engines.bags import BagFault, check_bag, make_bag

pytestmark = [pytest.mark.slow, pytest.mark.nodb]
# Where Debian puts its packages, for the interpreter of a virtual environment that does not look there.
_PLACES = [place for place in (os.environ.get("BAGIT_SOURCE", ""), "/usr/lib/python3/dist-packages") if place]
_VALIDATE = "import sys, bagit; bagit.Bag(sys.argv[1]).validate()"
_MAKE = "import sys, bagit; bagit.make_bag(sys.argv[1], {'Contact-Name': 'Thủ thư'}, checksums=['sha256'])"


def theirs(script: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run a piece of Python with their library, in a process of its own."""
    path = os.pathsep.join([*_PLACES, os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": path, "PYTHONUTF8": "1"},
    )  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _there() -> None:
    if theirs("import bagit").returncode:
        pytest.skip("the library bagit is not here: apt install python3-bagit, or BAGIT_SOURCE=<its source>")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What a pack holds: names with marks and blanks, deep folders, an empty file."""
    held = tmp_path / "tui"
    (held / "tep" / "ab").mkdir(parents=True)
    (held / "works.jsonl").write_text('{"title": "Kế hoạch"}\n', "utf-8")
    (held / "tep" / "ab" / "Quyết định (bản 2).pdf").write_bytes(bytes(range(256)) * 20)
    (held / "tep" / "rỗng").write_bytes(b"")
    return held


def test_they_find_our_bag_valid(folder: Path) -> None:
    make_bag(folder, {"Source-Organization": "Thư viện", "Bag-Count": "1 of 1"})
    done = theirs(_VALIDATE, str(folder))
    assert done.returncode == 0, done.stderr


def test_they_find_the_harm_that_we_find(folder: Path) -> None:
    make_bag(folder, {})
    (folder / "data" / "works.jsonl").write_text('{"title": "Kế hoạcH"}\n', "utf-8")
    assert theirs(_VALIDATE, str(folder)).returncode != 0
    with pytest.raises(BagFault):
        check_bag(folder)


def test_we_read_their_bag(folder: Path) -> None:
    done = theirs(_MAKE, str(folder))
    assert done.returncode == 0, done.stderr
    found = check_bag(folder)
    assert set(found.payload) == {
        "data/works.jsonl", "data/tep/ab/Quyết định (bản 2).pdf", "data/tep/rỗng",
    }  # fmt: skip
    assert found.info["Contact-Name"] == "Thủ thư"


def test_a_per_cent_sign_in_a_name_is_written_as_the_standard_has_it_and_read_either_way(
    folder: Path,
) -> None:
    """RFC 8493 (2.1.3) has it encoded; their library does not (its issue 157). Our packs name files by their hashes."""
    (folder / "100% thật.txt").write_text("x", "utf-8")
    theirs(_MAKE, str(folder))
    assert "data/100% thật.txt" in (folder / "manifest-sha256.txt").read_text("utf-8")
    assert "data/100% thật.txt" in check_bag(folder).payload
