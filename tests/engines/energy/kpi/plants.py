"""Plants of known truth: sun, clouds, inverters of several sizes and directions, a meter, and faults put in on purpose."""

from dataclasses import dataclass, field

import numpy as np

from khcn.engines.energy.kpi.outages.plant import Plant

ZONE = "Asia/Ho_Chi_Minh"
START = 1_700_000_000_000 // 86_400_000 * 86_400_000 - 7 * 3_600_000  # midnight in ZONE
DAY = 86_400_000


@dataclass
class Fault:
    """``how``: zero | nan | gone (no rows); ``real``: the inverters stood still (else only the data are lost);
    ``counter``: what the meter's counter shows meanwhile: on | nan | zero; ``meter``: what its power shows."""

    start: float  # days since START
    end: float
    inverters: tuple[int, ...] = ()
    real: bool = True
    how: str = "zero"
    counter: str = "on"
    meter: str = "on"


@dataclass
class Made:
    plant: Plant
    made: np.ndarray
    lost: np.ndarray
    step: int
    faults: list[Fault]
    rows: dict = field(default_factory=dict)

    def by_day(self):
        hours = self.step / 3_600_000
        day = (np.arange(len(self.made)) * self.step) // DAY
        return np.bincount(day, self.made) * hours, np.bincount(day, self.lost) * hours

    def availability(self):
        made, lost = self.by_day()
        return made / (made + lost)


def plant_of(
    faults=(), *, days=10, count=4, minutes=15, seed=1, noise=0.05, bias=1.07, turned=0.0, columns=True, offset=120.0,
    resets=(), expected=True, clouds=True,
):  # fmt: skip
    """Build a plant. ``turned``: how differently the inverters face (0: all alike); ``resets``: days at which the
    counter begins again at 0."""
    rng = np.random.default_rng(seed)
    step = minutes * 60_000
    size = days * DAY // step
    ms = START + np.arange(size) * step
    hour = (np.arange(size) * step % DAY) / 3_600_000 + minutes / 120
    cloud = np.clip(
        np.repeat(rng.uniform(0.35, 1.0, days), DAY // step) + rng.normal(0, 0.08, size), 0.1, 1.0
    )
    cloud = cloud if clouds else np.ones(size)
    sizes = rng.uniform(0.6, 1.4, count) * 20
    faces = turned * np.linspace(-1, 1, count) if count > 1 else np.zeros(count)
    each = np.stack([
        sizes[i] * np.maximum(0, np.sin((hour - 6 - faces[i]) / 12 * np.pi)) ** 1.3 * cloud for i in range(count)
    ], axis=1)  # fmt: skip
    each *= 1 + rng.normal(0, 0.01, each.shape)
    each[each < 0.004 * sizes] = 0
    would = each.sum(axis=1) * 0.985
    wanted = np.maximum(0, would * bias * (1 + rng.normal(0, noise, size)))
    wanted[would <= 0] = 0
    real, seen = np.zeros((size, count), bool), each.copy()
    for fault in faults:
        a, b = round(fault.start * DAY / step), round(fault.end * DAY / step)
        which = list(fault.inverters) or list(range(count))
        if fault.real:
            real[a:b, which] = True
    did = np.where(real, 0, each)
    seen = did.copy()
    made = did.sum(axis=1) * 0.985
    meter = made + np.where(made > 0, rng.normal(0, 0.003 * max(made.max(), 1), size), 0)
    meter = np.where(made > 0, np.maximum(meter, 0), -0.2)
    counter = offset + np.cumsum(made) * minutes / 60
    for reset in resets:
        at = round(reset * DAY / step)
        counter[at:] -= counter[at - 1]
    counter = np.round(counter, 1)
    drop = np.zeros(size, bool)
    for fault in faults:
        a, b = round(fault.start * DAY / step), round(fault.end * DAY / step)
        which = list(fault.inverters) or list(range(count))
        if fault.how == "gone":
            drop[a:b] = True
        seen[a:b, which] = {"zero": 0.0, "nan": np.nan, "gone": np.nan}[fault.how]
        for series, said in ((meter, fault.meter), (counter, fault.counter)):
            if said != "on":
                series[a:b] = np.nan if said == "nan" else 0.0
    names = tuple(f"inv{i + 1}" for i in range(count)) if columns else ()
    keep = ~drop
    plant = Plant(
        ms[keep], meter[keep], counter[keep], (seen if columns else np.zeros((size, 0)))[keep], names,
        wanted[keep] if expected else None,
    )  # fmt: skip
    return Made(plant, made, np.where(real, each, 0).sum(axis=1) * 0.985, step, list(faults))
