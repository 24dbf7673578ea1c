"""Key figures of a site from its intervals."""

import numpy as np
import pytest

from khcn.engines.energy.errors import SpecError
from khcn.engines.energy.kpi.messages import KPIS
from khcn.engines.energy.kpi.site import Grain, SiteInputs, site_kpis

pytestmark = pytest.mark.nodb

DAY = 86_400_000
START = 20_000 * DAY - 7 * 3_600_000  # midnight in Ho Chi Minh City


def inputs_of(days=2, **more):
    hour = np.arange(days * 96) % 96 / 4
    light = np.maximum(0, np.sin((hour - 6) / 12 * np.pi))
    given = {
        "start_ms": START, "production": 10 * light, "load": np.full(days * 96, 4.0), "poa": 800 * light,
        "pdc0_kw": 50.0, "pac0_kw": 45.0,
    }  # fmt: skip
    return SiteInputs(**{**given, **more})


def table_of(inputs, grain=Grain.TOTAL):
    return {(one.key, one.period.name): one for one in site_kpis(inputs, grain=grain)}


def value(inputs, key):
    return table_of(inputs)[key, ""].value


def test_definitions():
    inputs = inputs_of()
    made, sun = inputs.production.sum(), inputs.poa.sum() / 4000
    assert value(inputs, "energy") == pytest.approx(made)
    assert value(inputs, "final_yield") == pytest.approx(made / 50)
    assert value(inputs, "reference_yield") == pytest.approx(sun)
    assert value(inputs, "performance_ratio") == pytest.approx(made / 50 / sun)
    assert value(inputs, "capacity_factor") == pytest.approx(made / (45 * 48))
    used = np.minimum(inputs.production, 4.0).sum()
    assert value(inputs, "self_consumption") == pytest.approx(used / made)
    assert value(inputs, "self_sufficiency") == pytest.approx(used / (4 * 192))
    assert value(inputs, "peak_demand") == pytest.approx(16.0)


def test_export_and_import_meters_go_before_a_guess():
    inputs = inputs_of(load=None)
    exported = np.maximum(inputs.production - 5, 0)
    inputs = inputs_of(load=None, exported=exported, imported=np.full(192, 1.0))
    kept = (inputs.production - exported).sum()
    assert value(inputs, "self_consumption") == pytest.approx(kept / inputs.production.sum())
    assert value(inputs, "self_sufficiency") == pytest.approx(kept / (kept + 192))
    assert value(inputs, "peak_demand") == pytest.approx(4.0)


def test_modelled_sun_has_a_key_and_words_of_its_own():
    found = table_of(inputs_of(poa_modelled=True))
    assert ("performance_ratio", "") not in found
    one = found["performance_ratio_modelled", ""]
    assert one.note_code == "kpi-note-modelled" and "mô hình" in KPIS[one.definition_code]


def test_corrected_only_with_temperature_and_coefficient():
    warm = np.full(192, 45.0)
    assert ("performance_ratio_25c", "") not in table_of(inputs_of())
    assert ("performance_ratio_25c", "") not in table_of(inputs_of(module_temperature=warm))
    found = table_of(inputs_of(module_temperature=warm, gamma_per_c=-0.005))
    assert found["performance_ratio_25c", ""].value == pytest.approx(
        found["performance_ratio", ""].value / 0.9
    )


def test_availability_and_lost():
    found = table_of(inputs_of(lost=np.full(192, 1.0)))
    made = found["energy", ""].value
    assert found["availability", ""].value == pytest.approx(made / (made + 192))
    assert found["energy_lost", ""].value == pytest.approx(192)


def test_days_and_months_add_up():
    inputs = inputs_of(days=40)
    whole = value(inputs, "energy")
    for grain, count in ((Grain.DAY, 40), (Grain.MONTH, 2)):
        parts = [one for one in site_kpis(inputs, grain=grain) if one.key == "energy"]
        assert len(parts) == count and sum(one.value for one in parts) == pytest.approx(whole)
    assert {one.period.name for one in site_kpis(inputs, grain=Grain.MONTH)} == {"2024-10", "2024-11"}


def test_completeness_and_what_cannot_be_said():
    inputs = inputs_of()
    inputs.production[:96] = np.nan
    found = table_of(inputs, Grain.DAY)
    first, second = found["energy", "2024-10-04"], found["energy", "2024-10-05"]
    assert (first.value, first.completeness, first.note_code) == (None, 0.0, "kpi-note-nothing")
    assert second.completeness == 1.0 and second.note_code == ""
    whole = table_of(inputs)["performance_ratio", ""]
    assert whole.completeness == 0.5 and whole.note_code == "kpi-note-incomplete"


def test_peak_is_of_a_quarter_of_an_hour_even_from_minutes():
    minutes = np.full(120, 1 / 60)
    minutes[50] = 10 / 60  # one minute of 10 kW in a quarter of 1 kW
    inputs = SiteInputs(start_ms=START, load=minutes, step_ms=60_000)
    one = table_of(inputs)["peak_demand", ""]
    assert one.value == pytest.approx(24 / 15) and one.inputs["at_ms"] == START + 45 * 60_000


def test_every_figure_is_explained_and_labelled():
    inputs = inputs_of(
        array_energy=np.ones(192),
        lost=np.zeros(192),
        module_temperature=np.full(192, 30.0),
        gamma_per_c=-0.004,
    )
    for found in (site_kpis(inputs), site_kpis(inputs_of(poa_modelled=True))):
        for one in found:
            assert KPIS[one.definition_code] % {} and KPIS[f"kpi-label-{one.key}"]
            assert one.versions["engine"] and one.document()["key"] == one.key


@pytest.mark.parametrize("more", [{"load": np.ones(3)}, {"pdc0_kw": 0.0}, {"pac0_kw": -1.0}])
def test_nonsense_is_refused(more):
    with pytest.raises(SpecError):
        site_kpis(inputs_of(**more))
