"""Who earns a certificate: the area of attendance (or another) registers how that is found out."""

from collections.abc import Callable, Iterable

from khcn.core.registry import Registry
from khcn.programmes.models.programmes import Programme
from khcn.programmes.models.registrations import Registration

earners: Registry[Callable[[Programme], Iterable[Registration]]] = Registry("who earns a certificate")
"""``reached(programme)``: registrations that came to enough sessions. Who is named by any of them has earned one."""


def earned(programme: Programme) -> list[Registration]:
    """Return the registrations that earned a certificate, without those erased, by name."""
    found = {row.pk: row for earner in earners.all() for row in earner(programme)}
    rows = [row for row in found.values() if row.programme_id == programme.pk and row.erased_at is None]
    return sorted(rows, key=lambda row: (row.sort_key, row.pk))
