"""What holds for a request for support, without any clock or database: its lines, its sums, what may be approved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from khcn.core.numbers import money_vi
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.rules.texts import kept_text

MOST_ITEMS: Final = 60
MOST_QUANTITY: Final = 100_000
MOST_PRICE: Final = Decimal(10_000_000_000)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is asked for, as it was entered; ``price`` in dong for one."""

    name: str
    unit: str
    quantity: int
    price: Decimal
    specification: str = ""
    price_source: str = ""


@dataclass(frozen=True, slots=True)
class Grant:
    """How much of an item is recommended or approved, and at which price; ``quantity`` 0: none of it."""

    quantity: int
    price: Decimal
    note: str = ""


def lines_check(lines: Sequence[Line]) -> list[Line]:
    """Return the lines as they are kept. Raises ProgrammeError with the number of the wrong line."""
    if len(lines) > MOST_ITEMS:
        raise ProgrammeError(
            _("Một đề nghị có nhiều nhất %(most)s khoản. Hãy gộp các khoản giống nhau.")
            % {"most": MOST_ITEMS}
        )
    return [_line(number, one) for number, one in enumerate(lines, start=1)]


def _line(number: int, one: Line) -> Line:
    name, unit = kept_text(one.name, 200), kept_text(one.unit, 30)
    words = {"number": number, "name": name}
    if not name or not unit:
        raise ProgrammeError(
            _("Khoản %(number)s: hãy ghi đủ tên và đơn vị tính (cái, bộ, kg...).") % words, field="items"
        )
    if not 0 < one.quantity <= MOST_QUANTITY:
        raise ProgrammeError(
            _("Khoản %(number)s (%(name)s): số lượng phải từ 1 đến 100.000.") % words, field="items"
        )
    if not 0 < one.price <= MOST_PRICE or one.price != one.price.to_integral_value():
        raise ProgrammeError(
            _("Khoản %(number)s (%(name)s): đơn giá phải là số đồng chẵn, lớn hơn 0 và không quá 10 tỷ.")
            % words,
            field="items",
        )
    return Line(
        name,
        unit,
        one.quantity,
        one.price,
        kept_text(one.specification, 500),
        kept_text(one.price_source, 200),
    )


def lines_sum(lines: Sequence[Line]) -> Decimal:
    """Return what the lines cost together."""
    return sum((one.quantity * one.price for one in lines), Decimal(0))


def grants_sum(items: Sequence[Any], grants: Mapping[int, Grant], *, before: Decimal, words: str) -> Decimal:
    """Return the sum of what is granted, by the number of the item.

    :param before: what may not be passed. :param words: how that is called. :raises ProgrammeError:
    """
    total = Decimal(0)
    for item in items:
        grant = grants.get(item.number, Grant(0, Decimal(0)))
        if not 0 <= grant.quantity <= item.quantity:
            raise ProgrammeError(
                _("Khoản “%(name)s”: số lượng từ 0 đến %(most)s như đề nghị.")
                % {"name": item.name, "most": item.quantity},
                field="items",
            )
        if not 0 <= grant.price <= MOST_PRICE or grant.price != grant.price.to_integral_value():
            raise ProgrammeError(
                _("Khoản “%(name)s”: đơn giá phải là số đồng chẵn.") % {"name": item.name}, field="items"
            )
        if grant.quantity and not grant.price:
            raise ProgrammeError(
                _("Khoản “%(name)s”: hãy ghi đơn giá lớn hơn 0.") % {"name": item.name}, field="items"
            )
        total += grant.quantity * grant.price
    if total <= 0:
        raise ProgrammeError(
            _("Chưa có khoản nào được hỗ trợ. Hãy ghi số lượng, hoặc trả lời không hỗ trợ kèm lý do."),
            field="items",
        )
    if total > before:
        raise ProgrammeError(
            _("Tổng %(total)s cao hơn %(words)s là %(before)s. Hãy giảm số lượng hoặc đơn giá.")
            % {"total": money_vi(total), "words": words, "before": money_vi(before)},
            field="items",
        )
    return total
