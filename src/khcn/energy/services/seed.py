"""The five tables as the project ships them, put into an empty place of the database; rows of officials are left alone."""

from datetime import datetime
from typing import Any

from django.db import transaction

from khcn.core.audit import audit_batch
from khcn.energy.models import EmissionFactor, Price, PriceDecision, SurplusRule, TariffHours, VatRate


def tables_seed(now: datetime) -> int:
    """Fill each of the five tables that is empty; return how many rows. What somebody changed or removed stays so."""
    from khcn.engines.energy.money.tables import seed_tables  # noqa: PLC0415  # reads a file, once

    tables = seed_tables()
    made = 0
    with transaction.atomic():
        made += _decisions(tables)
        for model, rows, fields in (
            (TariffHours, tables.hours, _hours_fields),
            (VatRate, tables.vat, lambda row: {"percent": row.percent}),
            (
                SurplusRule,
                tables.surplus,
                lambda row: {
                    "most_percent": row.most_percent,
                    "vnd_per_kwh": row.vnd_per_kwh,
                    "public_allowed": row.public_allowed,
                },
            ),
        ):
            made += _dated(model, rows, fields)
        for row in () if EmissionFactor.objects.exists() else tables.factors:
            _factor, fresh = EmissionFactor.objects.get_or_create(
                data_year=row.data_year,
                used_from_year=row.used_from_year,
                defaults={
                    "document": row.document, "t_per_mwh": row.t_per_mwh, "used_to_year": row.used_to_year,
                    "certainty": row.certainty, "source": row.source, "note": row.note,
                },
            )  # fmt: skip
            made += fresh
        if made:
            audit_batch(actor=None, action="energy.tables.seed", count=made, summary={"rows": made}, at=now)
    return made


def _decisions(tables: Any) -> int:
    if PriceDecision.objects.exists():
        return 0
    made = 0
    for row in tables.decisions:
        decision = PriceDecision.objects.create(
            document=row.document, average_vnd=row.average_vnd, valid_from=row.valid_from, valid_to=row.valid_to,
            certainty=row.certainty, source=row.source, note=row.note,
        )  # fmt: skip
        Price.objects.bulk_create(
            Price(
                decision=decision, group=price.group.value, voltage=price.voltage, band=price.band.value,
                vnd_per_kwh=price.vnd_per_kwh, ratio=price.ratio, up_to_kwh=price.up_to_kwh,
                certainty=price.certainty,
            )
            for price in tables.prices
            if price.decision == row.document
        )  # fmt: skip
        made += 1
    return made


def _dated(model: Any, rows: Any, fields: Any) -> int:
    if model.objects.exists():
        return 0
    made = 0
    for row in rows:
        model.objects.create(
            document=row.document, valid_from=row.valid_from, valid_to=row.valid_to, certainty=row.certainty,
            source=row.source, note=row.note, **fields(row),
        )  # fmt: skip
        made += 1
    return made


def _hours_fields(row: Any) -> dict[str, Any]:
    return {
        "spans": [
            {
                "band": span.band.value,
                "weekdays": sorted(span.weekdays),
                "from": f"{span.start:%H:%M}",
                "to": f"{span.end:%H:%M}",
            }
            for span in row.spans
        ]
    }
