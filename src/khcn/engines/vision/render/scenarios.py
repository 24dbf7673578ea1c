"""The films the project makes for tests, the tour and the set-up page, and the layout that belongs to the hall."""

from collections.abc import Callable
from dataclasses import replace

from khcn.engines.vision.layout import Gate, Ground, Layout, Point, Zone, ZoneKind
from khcn.engines.vision.render.camera import Camera
from khcn.engines.vision.render.script import Casting, Incident, IncidentKind, Scenario, cast
from khcn.engines.vision.types import Size

# Floor metres. Seen from p to q of a gate's first segment, "in" is where s > 0 (see the layout contract).
GATES: tuple[tuple[str, tuple[Point, ...]], ...] = (
    ("cong-chinh", ((2.75, 4.6), (-2.75, 4.6))),  # in: away from the camera, into the hall
    ("cong-ben", ((-2.7, 7.1), (-2.7, 10.5))),  # in: from the passage on the left
)
ZONES: tuple[tuple[str, tuple[Point, ...], ZoneKind], ...] = (
    ("trai-cay", ((-2.85, 2.2), (-1.7, 2.2), (-1.7, 6.9), (-2.85, 6.9)), ZoneKind.STALLS),
    ("rau-cu", ((1.7, 2.2), (2.85, 2.2), (2.85, 7.1), (1.7, 7.1)), ZoneKind.STALLS),
    ("hang-kho", ((1.7, 8.4), (2.85, 8.4), (2.85, 13.0), (1.7, 13.0)), ZoneKind.STALLS),
    ("loi-di", ((-1.6, 2.4), (1.6, 2.4), (1.6, 13.0), (-1.6, 13.0)), ZoneKind.AREA),
)
BEHIND_COUNTERS: tuple[tuple[Point, ...], ...] = (  # stall-holders' ground
    ((3.05, 1.6), (3.05, 14.0), (9.5, 14.0), (9.5, 1.6)),
    ((-3.05, 1.6), (-9.5, 1.6), (-9.5, 7.0), (-3.05, 7.0)),
)
GROUND: tuple[Point, ...] = ((-2.6, 2.6), (2.6, 2.6), (2.6, 13.0), (-2.6, 13.0))


def hall_layout(camera: Camera) -> Layout:
    """Return gates, zones, exclusions and ground points of the hall in the camera's pixels."""

    def seen(points: tuple[Point, ...]) -> tuple[Point, ...]:
        pixels, _ = camera.project([(x, y, 0.0) for x, y in points])
        return tuple((round(float(x), 2), round(float(y), 2)) for x, y in pixels)

    return Layout(
        tuple(Gate(name, seen(points)) for name, points in GATES),
        tuple(Zone(name, seen(points), kind) for name, points, kind in ZONES),
        tuple(seen(points) for points in BEHIND_COUNTERS),
        Ground(seen(GROUND), GROUND),
        Size(camera.width, camera.height),
    )


def scenario_tour(*, seconds: float = 60.0, size: Size | None = None, seed: int = 2026) -> Scenario:
    """A usual morning: some fifteen visitors a minute, pairs, somebody who stops on the entrance line."""
    return _scenario("tour", seconds, seed, Casting(15.0, 0.2, 0.5, lingerer=True), size)


def scenario_busy(*, seconds: float = 60.0, size: Size | None = None, seed: int = 11) -> Scenario:
    """The peak hour: thirty visitors a minute, many in pairs."""
    return _scenario("busy", seconds, seed, Casting(30.0, 0.35, 0.6, lingerer=True, wardrobe=12), size)


def scenario_quiet(*, seconds: float = 60.0, size: Size | None = None, seed: int = 5) -> Scenario:
    """A slack afternoon under flickering lamps: four visitors a minute."""
    quiet = _scenario("quiet", seconds, seed, Casting(4.0, 0.1, 0.4, wardrobe=5), size)
    return replace(quiet, light="dusk", flicker=True)


def scenario_empty_night(*, seconds: float = 60.0, size: Size | None = None, seed: int = 3) -> Scenario:
    """The closed hall at night: nobody at all."""
    empty = _scenario("night", seconds, seed, Casting(0.0, holders=False, wardrobe=1), size)
    return replace(empty, light="night")


def scenario_incidents(*, seconds: float = 60.0, size: Size | None = None, seed: int = 8) -> Scenario:
    """Every way a camera fails, one after another, with good pictures between: for the health checks."""
    kinds: tuple[IncidentKind, ...] = ("covered", "dark", "frozen", "blurred", "moved")
    share = seconds / 12
    incidents = tuple(
        Incident(kind, share * (2 * i + 2), share * (2 * i + 3)) for i, kind in enumerate(kinds)
    )
    return replace(
        _scenario("incidents", seconds, seed, Casting(12.0, wardrobe=6), size), incidents=incidents
    )


SCENARIOS: dict[str, Callable[..., Scenario]] = {
    "tour": scenario_tour,
    "busy": scenario_busy,
    "quiet": scenario_quiet,
    "night": scenario_empty_night,
    "incidents": scenario_incidents,
}


def _scenario(name: str, seconds: float, seed: int, casting: Casting, size: Size | None) -> Scenario:
    actors, wardrobe = cast(seconds, seed, casting)
    camera = Camera(size.width, size.height) if size else Camera()
    return Scenario(name, seconds, seed, actors, wardrobe, camera=camera)
