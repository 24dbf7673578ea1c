"""Every code that these rooms use has a sentence, and every sentence fills in."""

import re
from pathlib import Path

import pytest

import khcn.engines.energy.kpi as kpi
import khcn.engines.energy.money as money
from khcn.engines.energy.kpi.messages import KPIS
from khcn.engines.energy.money.messages import MONEY

pytestmark = pytest.mark.nodb

CODE = re.compile(
    r'(?:Note|SpecError)\(\s*"([a-z0-9_-]+)"|(?<=note=)"(kpi-[a-z-]+)"|^\s*\("(bill-[a-z-]+)", ', re.MULTILINE
)


def codes_of(package):
    for path in Path(package.__path__[0]).rglob("*.py"):
        for found in CODE.finditer(path.read_text("utf-8")):
            yield next(one for one in found.groups() if one)


@pytest.mark.parametrize("package", [kpi, money])
def test_every_code_has_its_sentence(package):
    used = set(codes_of(package))
    assert len(used) > 10 and used <= set(KPIS) | set(MONEY)


def test_every_sentence_has_a_user():
    root = Path(kpi.__path__[0]).parents[2]
    text = "".join(path.read_text("utf-8") for path in root.rglob("*.py") if path.name != "messages.py")
    plain = {
        code
        for code in {**KPIS, **MONEY}
        if not re.match(r"kpi-(label-)?[a-z]+(_|$)|kpi-(label-)?(energy|completeness|availability)$", code)
    }
    assert {code for code in plain if f'"{code}"' not in text and not code.startswith("kpi-label-")} == set()


@pytest.mark.parametrize("code", sorted({**KPIS, **MONEY}))
def test_every_sentence_fills_in(code):
    text = {**KPIS, **MONEY}[code]
    names = dict.fromkeys(re.findall(r"%\((\w+)\)s", text), "x")
    filled = text % names
    assert ("%(" not in filled and filled[0] in "%x") or filled[0].isupper()
