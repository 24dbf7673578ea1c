"""Every sentence that the energy engine says to a person: the tables of the rooms below, put together.

Engines know no gettext: a caller with a request translates ``TEMPLATES[code]`` and fills it with the same parameters.
"""

from collections.abc import Mapping
from typing import Any, Final

from khcn.engines.energy.collect.messages import COLLECTING
from khcn.engines.energy.devices.messages import DEVICES
from khcn.engines.energy.faults.messages import FINDINGS
from khcn.engines.energy.intervals.messages import INTERVALS
from khcn.engines.energy.kpi.messages import KPIS
from khcn.engines.energy.money.messages import MONEY
from khcn.engines.energy.pv.messages import PLANNING
from khcn.engines.energy.table.messages import TABLES

TEMPLATES: Final[dict[str, str]] = {
    **TABLES, **INTERVALS, **KPIS, **MONEY, **FINDINGS, **PLANNING, **DEVICES, **COLLECTING,
}  # fmt: skip


def sentence(code: str, params: Mapping[str, Any] | None = None) -> str:
    """Return the Vietnamese sentence of ``code`` with its values filled in."""
    return TEMPLATES[code] % dict(params or {})
