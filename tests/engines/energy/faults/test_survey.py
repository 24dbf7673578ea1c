"""Sites with one fault each: found once, with its time, its loss and a sentence; healthy sites are left in peace."""

from collections import Counter

import numpy as np
import pytest

from khcn.engines.energy.faults.messages import FINDINGS
from khcn.engines.energy.faults.site import DeviceKind, DeviceSeries, SiteSeries
from khcn.engines.energy.faults.survey import identity, is_same, survey
from khcn.engines.energy.faults.tell import number
from khcn.engines.energy.messages import sentence
from khcn.engines.energy.types import FindingKind
from tests.engines.energy.faults.sites import KINDS, STEP, faulty, made, matched, population, site_of

pytestmark = pytest.mark.filterwarnings("error::RuntimeWarning")


def test_a_population_of_sites() -> None:
    """45 sites of a fixed seed: precision and recall of whole findings at least 0.95."""
    right = wrong = missed = 0
    said: Counter[str] = Counter()
    for kind, one in population(45, seed=1000):
        left = survey(site_of(one))
        for truth in one.truth:
            hits = [found for found in left if matched(truth, found)]
            right, missed = right + bool(hits), missed + (not hits)
            left = [found for found in left if found not in hits[:1]]
        wrong += len(left)
        said.update(f"{kind}: {found.code}" for found in left)
    assert right / (right + missed) >= 0.95, said
    assert right / (right + wrong) >= 0.95, said


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "healthy"])
def test_a_finding_is_complete(kind: str) -> None:
    one = faulty(kind, 77)
    found = next(found for found in survey(site_of(one)) if matched(one.truth[0], found))
    text = sentence(found.code, found.params)
    assert "%(" not in text and text.endswith(".")
    assert found.start_ms < found.end_ms <= one.ms[-1] + STEP
    points = {len(found.evidence[key]) for key in ("t", "measured", "expected")}
    assert len(points) == 1 and 2 <= points.pop() <= 200
    assert found.evidence["t"] == sorted(found.evidence["t"])


@pytest.mark.parametrize(
    ("kind", "within"), [("outage", 0.15), ("site-outage", 0.3), ("silent-outage", 0.15), ("weak", 0.2)]
)
def test_losses_are_near_the_truth(kind: str, within: float) -> None:
    ratios = []
    for seed in (11, 12, 13):
        one = faulty(kind, seed)
        found = next(found for found in survey(site_of(one)) if matched(one.truth[0], found))
        assert found.loss_kwh is not None and one.truth[0].loss is not None
        ratios.append(found.loss_kwh / one.truth[0].loss)
    assert np.median(ratios) == pytest.approx(1, abs=within)


def test_a_communication_gap_loses_nothing_and_without_a_meter_says_so() -> None:
    one = faulty("gap", 5)
    site = site_of(one)
    found = next(found for found in survey(site) if found.kind == FindingKind.COMMUNICATION_GAP)
    assert found.loss_kwh == 0
    alone = SiteSeries(
        **{**as_dict(site), "devices": [d for d in site.devices if d.kind == DeviceKind.INVERTER]}
    )
    found = next(found for found in survey(alone) if found.kind == FindingKind.COMMUNICATION_GAP)
    assert found.loss_kwh is None and "chưa rõ" in sentence(found.code, found.params)


def as_dict(site: SiteSeries) -> dict[str, object]:
    """The fields of a site."""
    return {name: getattr(site, name) for name in SiteSeries.__slots__}


def test_the_same_fault_next_day_is_the_same() -> None:
    one = faulty("weak", 3)
    truth = one.truth[0]
    begun = int(np.searchsorted(one.ms, truth.start))
    seen = []
    for days in (6, 7, 8):
        found = [f for f in survey(site_of(one, begun + days * 96)) if f.kind == truth.kind]
        assert len(found) == 1 and found[0].params["ongoing"]
        seen.append(found[0])
    assert len({identity(found) for found in seen}) == 1
    assert all(is_same(seen[0], later) for later in seen[1:])
    assert seen[0].end_ms < seen[1].end_ms < seen[2].end_ms
    assert seen[0].code.endswith("-ongoing") and seen[0].code in FINDINGS


def test_an_outage_that_ends_keeps_its_identity() -> None:
    one = faulty("outage", 4)
    truth = one.truth[0]
    middle = int(np.searchsorted(one.ms, truth.start)) + 6
    early = [f for f in survey(site_of(one, middle)) if f.kind == FindingKind.OUTAGE]
    late = [f for f in survey(site_of(one)) if f.kind == FindingKind.OUTAGE]
    assert [identity(f) for f in early] == [identity(f) for f in late]
    assert early[0].params["ongoing"] and not late[0].params["ongoing"]


def test_a_site_without_place_or_model_still_finds_an_outage() -> None:
    one = faulty("outage", 6)
    site = SiteSeries(**{**as_dict(site_of(one)), "latitude": None, "longitude": None, "expected_kwh": None})
    assert any(
        found.kind == FindingKind.OUTAGE and found.devices == one.truth[0].devices for found in survey(site)
    )


def test_a_pyranometer_stands_for_the_model() -> None:
    one = faulty("weak-model", 9)
    site = site_of(one)
    assert one.model is not None
    sun = one.model / one.power.sum() * 4 / 0.8 * 1000
    flags = np.ones(len(sun), np.uint8)
    devices = [*site.devices, DeviceSeries("sun", DeviceKind.PYRANOMETER, sun, flags)]
    site = SiteSeries(**{**as_dict(site), "devices": devices, "expected_kwh": None})
    assert any(found.kind == FindingKind.UNDERPERFORMANCE for found in survey(site))


@pytest.mark.parametrize("length", [1, 50])
def test_too_little_data_says_nothing(length: int) -> None:
    assert survey(site_of(made(1, days=5), length)) == []


def test_an_unknown_site_says_nothing() -> None:
    one = made(2, days=10)
    one.kwh[:] = np.nan
    one.meter[:] = np.nan
    assert all(found.kind == FindingKind.COMMUNICATION_GAP for found in survey(site_of(one)))


@pytest.mark.parametrize(("value", "text"), [(None, "?"), (3.14, "3,1"), (1234.5, "1.234"), (0.0, "0,0")])
def test_numbers_are_written_as_in_vietnam(value: float | None, text: str) -> None:
    assert number(value) == text


def test_every_code_has_both_sentences() -> None:
    codes = {code for code in FINDINGS if code.startswith("fault-")}
    assert codes == {f"{code.removesuffix('-ongoing')}{end}" for code in codes for end in ("", "-ongoing")}
