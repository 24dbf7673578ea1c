"""One short film for all tests of the room."""

from dataclasses import dataclass, replace

import pytest

from khcn.engines.vision.render.scenarios import hall_layout, scenario_tour
from khcn.engines.vision.render.script import Scenario
from khcn.engines.vision.render.stage import Shown, Stage
from khcn.engines.vision.render.truth import Truth, truth_of
from khcn.engines.vision.types import Size


@dataclass(frozen=True)
class Film:
    scenario: Scenario
    shown: list[list[Shown]]
    truth: Truth


@pytest.fixture(scope="session")
def film() -> Film:
    scenario = replace(scenario_tour(seconds=30, size=Size(320, 180)), fps=5)
    shown = [who for _, who in Stage(scenario).frames()]
    return Film(scenario, shown, truth_of(shown, scenario.fps, hall_layout(scenario.camera), ()))
