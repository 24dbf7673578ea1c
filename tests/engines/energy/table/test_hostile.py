"""Whatever bytes come: a table, or a sentence that says what to do."""

from hypothesis import given, settings
from hypothesis import strategies as st

from khcn.engines.energy.errors import EnergyError
from khcn.engines.energy.table.mapping import apply_mapping, guess_mapping
from khcn.engines.energy.table.reader import read_table
from khcn.engines.energy.table.times import read_times

CELLS = st.sampled_from(
    ["", "1", "1,5", "1.234,5", "2025-01-01 00:00", "01/02/2025", "12:00", "x", "Time", "Power (kW)", "kWh", '"', "NaN",
     "2025-13-45 99:99", "1e400", "0x10", "٣", "²", "2025-01-01T00:00:00+99:99", "9999-12-31 24:00", "Total", "1_0",
     "00:00 AM", "45000.5", "1735689600", "1735689600000"]
)  # fmt: skip


def used(raw: bytes) -> None:
    """Do all that a person may do with a file."""
    try:
        table = read_table(raw)
        for name in table.names[:4]:
            table.numbers(name)
            try:
                times = read_times(table, name, zone="America/Denver")
            except EnergyError as error:
                assert str(error)
            else:
                assert len(times.ms) == len(times.valid) == table.rows
                assert all(str(note) for note in times.notes)
        guess = guess_mapping(table)
        for one in apply_mapping(table, guess.mapping):
            assert len(one.ms) == len(one.values) == len(one.rows)
        assert all(str(note) for note in [*table.notes, *guess.notes])
    except EnergyError as error:
        assert str(error)


@given(
    st.lists(st.lists(CELLS, max_size=5), max_size=10),
    st.sampled_from(",;\t|"),
    st.sampled_from(["utf-8", "utf-16"]),
)
@settings(max_examples=250, deadline=None)
def test_rows_of_anything(rows: list[list[str]], mark: str, encoding: str) -> None:
    used("\n".join(mark.join(row) for row in rows).encode(encoding))


@given(st.one_of(st.binary(max_size=200), st.binary(max_size=200).map(lambda raw: b"PK\x03\x04" + raw)))
@settings(max_examples=200, deadline=None)
def test_bytes_of_anything(raw: bytes) -> None:
    used(raw)
