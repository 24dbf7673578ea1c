"""Versions of a drawing with what changed between them, and the stalls that a zone may hold."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from khcn.markets.models import Camera, Gate, Layout, Zone
from khcn.markets.rules.drawing import difference
from khcn.markets.selectors.drawings import Picture, picture_of
from khcn.orgs.enums import PartyKind
from khcn.orgs.models import Party
from khcn.orgs.selectors import parties

MOST_STALLS = 300


@dataclass(frozen=True, slots=True)
class Version:
    """One version: its row and sentences on what changed from the one before."""

    layout: Layout
    changes: list[str]
    current: bool


@dataclass(frozen=True, slots=True)
class VersionPage:
    """One version beside the one before it."""

    version: Version
    picture: Picture
    before: Layout | None
    before_picture: Picture | None


@dataclass(frozen=True, slots=True)
class StallChoice:
    """Stalls to choose from; ``more``: there are more than are shown."""

    parties: list[Party]
    chosen: set[int]
    more: bool


def layout_versions(camera: Camera) -> list[Version]:
    """Return all versions, newest first."""
    rows = list(Layout.objects.filter(camera=camera).select_related("made_by").order_by("version"))
    names = _names(camera)
    found = []
    for number, layout in enumerate(rows):
        before = rows[number - 1] if number else None
        found.append(Version(layout, changes_between(before, layout, names), layout.valid_to is None))
    return found[::-1]


def version_page(camera: Camera, layout: Layout) -> VersionPage:
    """Return one version with its picture and that of the version before."""
    before = Layout.objects.filter(camera=camera, version__lt=layout.version).order_by("-version").first()
    version = Version(layout, changes_between(before, layout, _names(camera)), layout.valid_to is None)
    shown = picture_of(camera, before.drawing) if before else None
    return VersionPage(version, picture_of(camera, layout.drawing), before, shown)


def _names(camera: Camera) -> dict[str, str]:
    return dict(Gate.objects.filter(camera=camera).values_list("key", "name")) | dict(
        Zone.objects.filter(camera=camera).values_list("key", "name")
    )


def changes_between(before: Layout | None, after: Layout, names: dict[str, str]) -> list[str]:
    """Return what changed, in sentences."""
    drawing: dict[str, Any] = before.drawing if before else {}
    changed = difference(drawing, after.drawing)

    def named(keys: tuple[str, ...]) -> str:
        return ", ".join(names.get(key, key) for key in keys)

    lines = []
    if changed.added:
        lines.append(_("Thêm: %(names)s") % {"names": named(changed.added)})
    if changed.removed:
        lines.append(_("Bỏ: %(names)s") % {"names": named(changed.removed)})
    if changed.moved:
        lines.append(_("Dời: %(names)s") % {"names": named(changed.moved)})
    if changed.turned:
        lines.append(_("Đổi chiều: %(names)s") % {"names": named(changed.turned)})
    if changed.kinds:
        lines.append(_("Đổi loại khu: %(names)s") % {"names": named(changed.kinds)})
    if changed.exclusions:
        lines.append(_("Đổi vùng bỏ qua"))
    if changed.ground:
        lines.append(_("Đổi bốn điểm mặt sàn"))
    if changed.frame and before:
        lines.append(_("Vẽ trên hình cỡ khác"))
    return lines


def stalls_to_choose(user: Any, zone: Zone, query: str, on: date) -> StallChoice:
    """Return the stalls of the register that ``user`` sees, those of the zone first."""
    rows = parties(user, on, kind=PartyKind.MARKET_STALL, query=query)
    chosen = set(zone.parties.values_list("pk", flat=True))
    mine = rows.annotate(mine=Count("pk", filter=Q(pk__in=chosen))).order_by("-mine", "sort_key")
    found: list[Party] = list(mine[: MOST_STALLS + 1])
    return StallChoice(found[:MOST_STALLS], chosen, len(found) > MOST_STALLS)
