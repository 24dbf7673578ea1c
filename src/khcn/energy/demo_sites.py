"""What the demo's sites are: places that do not exist, recognisable as made up, with their devices and faults."""

from dataclasses import dataclass
from typing import Final

from khcn.energy.enums import BuildingKind, GridKind, PriceGroup, Voltage


@dataclass(frozen=True, slots=True)
class DemoInverter:
    """One inverter with its own roof."""

    name: str
    kwp: float
    rated_kw: float
    tilt_deg: float = 10.0
    azimuth_deg: float = 180.0


@dataclass(frozen=True, slots=True)
class DemoFault:
    """A fault: of inverter number ``inverter``, beginning ``ago`` days before today at ``hour`` for ``hours``.

    ``kind``: a word of the simulator (:class:`khcn.engines.energy.devices.simulated_site.FaultKind`).
    """

    inverter: int
    kind: str
    ago: int
    hour: float
    hours: float
    size: float = 0.0


@dataclass(frozen=True, slots=True)
class DemoSite:
    """One site. ``seat``: the demo person in whose unit it lies; ``load_kind``: usual day of the simulator.

    ``months``: how long it has been measured; without inverters it is known by its bills only.
    """

    key: str
    name: str
    seat: str
    kind: BuildingKind
    load_kind: str
    load_kw: float
    night_kw: float
    area_m2: int
    people: int
    place: tuple[str, str]
    inverters: tuple[DemoInverter, ...] = ()
    weather: bool = False
    months: int = 13
    group: PriceGroup = PriceGroup.PUBLIC_SCHOOL
    voltage: Voltage = Voltage.BELOW_6
    time_of_use: bool = False
    grid: GridKind = GridKind.WITHOUT_SALE
    price_vnd: int = 0
    faults: tuple[DemoFault, ...] = ()

    @property
    def kwp(self) -> float:
        """Power of all modules."""
        return sum(inverter.kwp for inverter in self.inverters)


SITES: Final = (
    DemoSite(
        "truong-mau-binh-minh", "Trường Tiểu học Mẫu Bình Minh (minh họa)", "quanlynangluong", BuildingKind.SCHOOL,
        "school", 46.0, 3.5, 4200, 1150, ("10.75480", "106.66310"),
        (
            DemoInverter("Biến tần mái nam", 32.0, 30.0),
            DemoInverter("Biến tần mái đông", 32.0, 30.0, azimuth_deg=90.0),
        ),
        weather=True, price_vnd=1_088_000_000,
        faults=(
            DemoFault(1, "outage", 9, 9.5, 6.0),
            DemoFault(0, "outage", 64, 10.0, 29.0),
            DemoFault(0, "communication_gap", 21, 8.0, 9.0),
        ),
    ),
    DemoSite(
        "truong-thu-hoa-phuong", "Trường Trung học cơ sở Thử Hoa Phượng (minh họa)", "quanlynangluong",
        BuildingKind.SCHOOL, "school", 62.0, 5.0, 6100, 1620, ("10.75120", "106.66890"),
        (
            DemoInverter("Biến tần nhà A", 33.0, 30.0, tilt_deg=8.0),
            DemoInverter("Biến tần nhà B", 33.0, 30.0, tilt_deg=8.0),
            DemoInverter("Biến tần nhà C", 33.0, 30.0, tilt_deg=8.0),
        ),
        price_vnd=1_683_000_000,
        faults=(
            DemoFault(2, "underperformance", 38, 0.0, 38 * 24.0, 0.72),
            DemoFault(1, "shading", 25, 0.0, 25 * 24.0, 0.55),
        ),
    ),
    DemoSite(
        "tru-so-vi-du", "Trụ sở Ví Dụ khu phố Mẫu (minh họa)", "baocao", BuildingKind.OFFICE, "office", 30.0, 2.5,
        1850, 62, ("10.75660", "106.66040"),
        (DemoInverter("Biến tần sân thượng", 40.0, 36.0, tilt_deg=5.0),),
        group=PriceGroup.PUBLIC_ADMIN, price_vnd=720_000_000,
        faults=(DemoFault(0, "counter_reset", 47, 7.0, 1.0), DemoFault(0, "outage", 2, 11.0, 3.0)),
    ),
    DemoSite(
        "cho-vi-du-ben-mau", "Chợ Ví Dụ Bến Mẫu (minh họa)", "quanlycho", BuildingKind.MARKET, "market", 85.0, 14.0,
        5200, 480, ("10.74950", "106.65730"),
        (
            DemoInverter("Biến tần mái chợ 1", 55.0, 50.0, tilt_deg=12.0),
            DemoInverter("Biến tần mái chợ 2", 55.0, 50.0, tilt_deg=12.0, azimuth_deg=0.0),
        ),
        group=PriceGroup.BUSINESS, time_of_use=True, grid=GridKind.WITH_SALE, price_vnd=1_650_000_000,
        faults=(DemoFault(0, "soiling", 60, 0.0, 58 * 24.0, 0.004), DemoFault(1, "stale", 5, 9.0, 6.0)),
    ),
    DemoSite(
        "tram-y-te-mau", "Trạm y tế Mẫu số 00 (minh họa)", "daumoi", BuildingKind.CLINIC, "health", 14.0, 4.0, 640,
        26, ("10.75810", "106.66590"),
        (DemoInverter("Biến tần mái trạm", 16.0, 15.0, tilt_deg=15.0, azimuth_deg=200.0),), months=6,
        price_vnd=304_000_000,
    ),
    DemoSite(
        "nha-van-hoa-thu", "Nhà văn hóa Thử Nghiệm (minh họa)", "daumoi", BuildingKind.CULTURE, "office", 18.0, 1.5,
        1200, 20, ("10.75310", "106.67210"), group=PriceGroup.PUBLIC_ADMIN,
    ),
)  # fmt: skip
