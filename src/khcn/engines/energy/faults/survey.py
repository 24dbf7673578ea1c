"""Survey a site: every kind of fault, each once, with start, end, loss and evidence."""

from khcn.engines.energy.faults.site import SiteSeries
from khcn.engines.energy.types import Finding


def survey(site: SiteSeries) -> list[Finding]:
    """Return the faults of ``site``, oldest first.

    The same fault seen again on a later day has the same :func:`identity`; its ``end_ms``, loss and evidence grow.
    ``params["ongoing"]`` is True when it lasts up to the last data.
    """
    return []


def identity(finding: Finding) -> str:
    """Return a key under which the app keeps ``finding``: kind of sentence, devices, local start. Stable between surveys."""
    return f"{finding.code}:{','.join(sorted(finding.devices))}:{finding.start_ms}"
