"""Weather files that people bring: each form gives the same year; a broken one gives a sentence."""

import io

import numpy as np
import pytest

from khcn.engines.energy.errors import SpecError
from khcn.engines.energy.pv.builtin import builtin_weather
from khcn.engines.energy.pv.weather_files import read_weather

pytest.importorskip("pvlib")
PLACE = {"latitude": 10.755, "longitude": 106.667, "offset": 7.0}


@pytest.fixture(scope="module")
def rows() -> list[tuple[int, int, int, float, float, float, float, float]]:
    frame = builtin_weather().frame
    return [
        (when.month, when.day, when.hour, *(float(one) for one in values))
        for when, values in zip(frame.index, frame.to_numpy(), strict=True)
    ]  # type: ignore[misc]


def sam(rows: list) -> str:
    head = "Source,Location ID,City,State,Country,Latitude,Longitude,Time Zone,Elevation\nx,1,HCM,-,VN,10.755,106.667,7,5\n"
    head += "Year,Month,Day,Hour,Minute,GHI,DNI,DHI,Temperature,Wind Speed\n"
    return head + "\n".join(f"2025,{m},{d},{h},30,{g},{b},{f},{t},{w}" for m, d, h, g, b, f, t, w in rows)


def plain(rows: list) -> str:
    return "time;GHI;DNI;DHI;Temperature;Wind Speed\n" + "\n".join(
        f"2025-{m:02}-{d:02} {h:02}:00;{g};{b};{f};{t};{w}" for m, d, h, g, b, f, t, w in rows
    )


def nasa(rows: list) -> str:
    head = "-BEGIN HEADER-\nNASA/POWER hourly\n-END HEADER-\nYEAR,MO,DY,HR,ALLSKY_SFC_SW_DWN,ALLSKY_SFC_SW_DIFF,T2M,WS10M\n"
    return head + "\n".join(f"2025,{m},{d},{h},{g},{f},{t},{w}" for m, d, h, g, _b, f, t, w in rows)


def pvgis(rows: list) -> str:
    head = "Latitude (decimal degrees): 10.755\nLongitude (decimal degrees): 106.667\nElevation (m): 5\n\n"
    head += "time(UTC),T2m,RH,G(h),Gb(n),Gd(h),IR(h),WS10m,WD10m,SP\n"
    shifted = rows[7:] + rows[:7]  # the file begins at midnight UTC, seven in the morning here
    return head + "\n".join(
        f"20250101:{h:02}00,{t},80,{g},{b},{f},400,{w},0,100000" for m, d, h, g, b, f, t, w in shifted
    ) + "\n\nT2m: 2-m air temperature\n"  # fmt: skip


def epw(rows: list) -> str:
    head = "LOCATION,HCM,-,VNM,TMYx,489000,10.755,106.667,7.0,5.0\n" + "\n".join(["X"] * 7) + "\n"
    return head + "\n".join(
        f"2025,{m},{d},{h + 1},0,?,{t},20,70,100000,0,0,400,{g},{b},{f},0,0,0,0,0,{w},5,5,10,77777,9,999999999,0,0,0,0,0,0,0"
        for m, d, h, g, b, f, t, w in rows
    )


@pytest.mark.parametrize("form", [sam, plain, nasa, pvgis, epw], ids=lambda form: form.__name__)
def test_each_form_gives_the_same_year(form, rows) -> None:  # type: ignore[no-untyped-def]
    found = read_weather(form(rows).encode(), name="year.csv", **PLACE)
    truth = builtin_weather()
    assert len(found.frame) == 8760
    assert found.ghi_kwh_m2 == pytest.approx(truth.ghi_kwh_m2, rel=0.002)
    assert np.abs(found.frame["ghi"].to_numpy() - truth.frame["ghi"].to_numpy()).max() < 1
    assert found.frame["temperature"].to_numpy() == pytest.approx(
        truth.frame["temperature"].to_numpy(), abs=0.06
    )
    assert (found.latitude, found.longitude) == pytest.approx((10.755, 106.667))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "weather-unreadable"),
        (b"\x00\x01\x02" * 50, "weather-unreadable"),
        (b"a;b\n1;2\n", "weather-columns"),
        (b"GHI;DNI;DHI;Temperature\n" + b"1;2;3;4\n" * 100, "weather-short"),
        (b"GHI;DNI;DHI;Temperature\n" + b"0;0;0;25\n" * 8760, "weather-values"),
        (b"GHI;DNI;DHI;Temperature\n" + b"900000;0;0;25\n" * 8760, "weather-values"),
        (b"LOCATION,x\n" + b"1,2\n" * 20, "weather-unreadable"),
    ],
)
def test_a_broken_file_is_refused_with_a_sentence(content: bytes, code: str) -> None:
    with pytest.raises(SpecError) as caught:
        read_weather(content, name="thoi-tiet.csv", **PLACE)
    assert caught.value.code in {code, "weather-unreadable", "weather-columns"}
    assert "thoi-tiet.csv" in str(caught.value)


def test_a_leap_year_and_half_hours_become_hours(rows) -> None:  # type: ignore[no-untyped-def]
    half = [row for row in rows for _ in range(2)]
    found = read_weather(io.BytesIO(plain(half).encode()).read(), name="half.csv", **PLACE)
    assert len(found.frame) == 8760
    leap = rows[:1416] + rows[1392:1416] + rows[1416:]
    assert len(read_weather(plain(leap).encode(), name="leap.csv", **PLACE).frame) == 8760


def test_nsrdb_with_units_in_its_first_line_and_another_minute() -> None:
    table = builtin_weather().frame
    head = (
        "Source,Location ID,City,State,Country,Latitude,Longitude,Time Zone,Elevation,Local Time Zone,Clearsky DHI Units,"
        "DNI Units,GHI Units\nNSRDB,1,-,-,-,10.755,106.667,7,5,7,w/m2,w/m2,w/m2\n"
        "Year,Month,Day,Hour,Minute,GHI,DNI,DHI,Temperature,Wind Speed\n"
    )
    for minute in (30, 0):
        body = "".join(
            f"2019,{at.month},{at.day},{at.hour},{minute},{row.ghi},{row.dni},{row.dhi},{row.temperature},{row.wind}\n"
            for at, row in zip(table.index, table.itertuples(), strict=True)
        )
        found = read_weather((head + body).encode(), name="a.csv", latitude=0, longitude=0, offset=0)
        assert (found.latitude, found.longitude, found.altitude_m) == (10.755, 106.667, 5.0)
        assert found.ghi_kwh_m2 == pytest.approx(builtin_weather().ghi_kwh_m2, rel=1e-6)
        assert (found.frame.index[0].hour, found.frame.index[0].minute) == (0, minute)
