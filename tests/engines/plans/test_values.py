"""Amounts of either convention and days."""

from datetime import date
from decimal import Decimal

import pytest

from khcn.engines.plans.values import ValueFault, read_amount, read_day

AMOUNTS = [
    ("1.500.000", 1_500_000, ""), ("1,500,000", 1_500_000, ""), ("1 500 000 đ", 1_500_000, ""), ("1500000 đồng", 1_500_000, ""),
    ("1,500,000.00 VND", 1_500_000, ""), ("1.500.000,50", 1_500_001, "amount-rounded"), ("1,5 triệu", 1_500_000, ""),
    ("1.5 tr", 1_500_000, ""), ("2 tỷ 300 triệu đồng", 2_300_000_000, ""), ("1.500", 1_500, "amount-ambiguous"),
    ("500.000", 500_000, ""), ("1.500 triệu", 1_500_000_000, "amount-ambiguous"), ("0", 0, ""), (1_500_000, 1_500_000, ""),
    (1500000.0, 1_500_000, ""), ("1,5 nghìn tỷ", 1_500_000_000_000, ""), ("1.5e6", 1_500_000, ""), ("₫12.000.000", 12_000_000, ""),
]  # fmt: skip
BAD_AMOUNTS = [
    ("-5.000", "amount-negative"), ("(5.000.000)", "amount-negative"), ("1.500,000", "amount-groups"), ("1.50.000", "amount-groups"),
    ("15.0000", "amount-groups"), ("nhiều", "amount"), ("", "amount"), ("1.500.000 USD", "amount"), ("12a", "amount"), (True, "amount"),
    ("5 triệu 2 tỷ", "amount"), ("9" * 18, "amount-too-large"), ("=SUM(A1)", "amount"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "vnd", "note"), AMOUNTS)
def test_an_amount_is_read(written: object, vnd: int, note: str) -> None:
    amount = read_amount(written)
    assert (amount.vnd, amount.note) == (Decimal(vnd), note)


@pytest.mark.parametrize(("written", "code"), BAD_AMOUNTS)
def test_an_amount_that_says_two_things_is_refused(written: object, code: str) -> None:
    with pytest.raises(ValueFault) as caught:
        read_amount(written)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "written",
    ["2021-04-12", "12/4/2021", "12-04-2021", "12.4.2021", "ngày 12 tháng 4 năm 2021", date(2021, 4, 12)],
)
def test_a_day_is_read_day_first(written: object) -> None:
    assert read_day(written) == date(2021, 4, 12)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("4/13/2021", "date-no-such-day"),
        ("30/2/2021", "date-no-such-day"),
        ("12/4/21", "date"),
        ("hôm qua", "date"),
        ("1/1/0021", "date-far"),
    ],
)
def test_a_day_that_is_none_is_refused(written: str, code: str) -> None:
    with pytest.raises(ValueFault) as caught:
        read_day(written)
    assert caught.value.code == code
