"""Every deed that the code writes into the audit trail has words for people."""

import re
from pathlib import Path

import pytest

import khcn
from khcn.library.services import review
from khcn.web.audit_labels import ACTIONS, action_label

pytestmark = pytest.mark.nodb
SOURCES = Path(khcn.__file__).parent
_WRITTEN = re.compile(r'action="((?:core|library|orgs|programmes)\.[a-z_.]+)"')
_MOVES = re.compile(r'action="([a-z_]+)"')


def test_every_deed_has_words() -> None:
    written = {name for path in SOURCES.rglob("*.py") for name in _WRITTEN.findall(path.read_text())}
    written |= {f"library.work.{name}" for name in _MOVES.findall(Path(review.__file__).read_text())}
    assert len(written) > 30
    assert sorted(written - set(ACTIONS)) == []


def test_a_deed_without_words_keeps_its_area() -> None:
    assert action_label("library.work.submit") == "Gửi duyệt tài liệu"
    assert action_label("orgs.sign_in.device_lost") == "Đăng nhập: device_lost"
    assert action_label("khac.viec") == "khac.viec"
