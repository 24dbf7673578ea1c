"""What pages show of versions: the list, one version, the links that machines follow."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from khcn.core.actors import actor_label
from khcn.library.models import Work, WorkVersion
from khcn.library.selectors.records import absolute
from khcn.library.selectors.versions import Change, changes_between, description_of, files_of, snapshot_of
from khcn.library.tables.results import work_url
from khcn.library.tables.work_page import FileLink
from khcn.ui.formats import format_size


@dataclass(frozen=True)
class VersionLine:
    """One version in a list. ``url`` is empty for the one shown."""

    number: int
    made_at: datetime
    note: str
    url: str
    present: bool
    made_by: str = ""
    hidden_reason: str = ""
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class VersionPage:
    """Everything the page of a version shows."""

    number: int
    before: int
    title: str
    abstract: str
    body: str
    rows: list[tuple[str, str]]
    files: list[FileLink]
    changes: list[Change]
    note: str
    made_at: datetime
    present: bool
    latest: int
    latest_url: str
    canonical: str
    versions: list[VersionLine]


def version_url(work: Work, number: int) -> str:
    """Return the address of a version."""
    return reverse("library:version", args=[work.slug or "tai-lieu", work.pk, number])


def version_links(work: Work, number: int) -> list[str]:
    """Return the links of RFC 5829 from one version to its neighbours and to the present one."""
    links = []
    if number > 1:
        links.append((version_url(work, number - 1), "predecessor-version"))
    if number < work.version:
        links.append((version_url(work, number + 1), "successor-version"))
    links.append((work_url(work), "latest-version"))
    return [f'<{absolute(path)}>; rel="{rel}"' for path, rel in links]


def version_page_of(work: Work, version: WorkVersion, versions: Sequence[WorkVersion]) -> VersionPage:
    """Return the page of one version among all versions of the work (the newest first)."""
    snapshot = version.snapshot
    before = next(
        (one for one in versions if one.number == version.number - 1 and not one.hidden_reason), None
    )
    changes = (
        changes_between(before.snapshot, snapshot, before.files, version.files) if before is not None else []
    )
    return VersionPage(
        number=version.number,
        before=version.number - 1,
        title=str(snapshot.get("title", work.title)),
        abstract=str(snapshot.get("abstract", "")),
        body=str(snapshot.get("body", "")),
        rows=description_of(snapshot),
        files=file_lines(work, version),
        changes=changes,
        note=version.note or first_note(version.number),
        made_at=version.made_at,
        present=version.number == work.version,
        latest=work.version,
        latest_url=work_url(work),
        canonical=absolute(work_url(work)),
        versions=version_lines(work, versions, shown=version.number),
    )


def first_note(number: int) -> str:
    """Return what is said of a version without a note."""
    return _("Bản đăng đầu tiên.") if number == 1 else ""


def file_lines(work: Work, version: WorkVersion) -> list[FileLink]:
    """Return the files of a version, each at the address of that version."""
    slug = work.slug or "tai-lieu"
    return [
        FileLink(
            name=file["name"],
            url=reverse("library:version-file", args=[slug, work.pk, version.number, place]),
            note=", ".join(
                part for part in (str(file.get("kind", "")).upper(), format_size(file["size_bytes"])) if part
            ),
        )
        for place, file in enumerate(version.files, start=1)
    ]


def version_lines(
    work: Work, versions: Sequence[WorkVersion], *, shown: int | None = None, with_changes: bool = False
) -> list[VersionLine]:
    """Return the versions as lines, the newest first; ``with_changes``: with what each says otherwise."""
    by_number = {version.number: version for version in versions}
    return [
        VersionLine(
            number=version.number,
            made_at=version.made_at,
            note=version.note or first_note(version.number),
            url=_address(work, version, shown),
            present=version.number == work.version,
            made_by=actor_label(version.made_by),
            hidden_reason=version.hidden_reason,
            changes=tuple(_changes(work, version, by_number.get(version.number - 1))) if with_changes else (),
        )
        for version in versions
    ]


def _address(work: Work, version: WorkVersion, shown: int | None) -> str:
    if version.number == shown:
        return ""
    return work_url(work) if version.number == work.version else version_url(work, version.number)


def _changes(work: Work, version: WorkVersion, before: WorkVersion | None) -> list[Change]:
    if before is None:
        return []
    now: tuple[dict[str, Any], list[Any]] = (version.snapshot, version.files)
    if version.number == work.version:
        now = (snapshot_of(work), files_of(work))
    return changes_between(before.snapshot, now[0], before.files, now[1])
