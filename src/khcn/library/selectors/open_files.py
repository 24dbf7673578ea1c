"""Originals that may go out in a package: of works that the reader may open, under terms that allow passing them on."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from khcn.core.actors import Actor
from khcn.core.library_port import OpenFile
from khcn.core.references import Reference
from khcn.library.enums import Rights
from khcn.library.models import Work, WorkFile
from khcn.library.selectors.references import WORK_REFERENCE
from khcn.library.store import stored_path

OPEN_RIGHTS: Final = frozenset(
    {Rights.OFFICIAL, Rights.PUBLIC_DOMAIN, Rights.CC_BY, Rights.CC_BY_SA, Rights.CC_BY_NC}
)


class LibraryFiles:
    """Fulfils :class:`khcn.core.library_port.WorkReader`."""

    def open_files(
        self, *, references: Iterable[Reference], reader: Actor
    ) -> Mapping[Reference, Sequence[OpenFile]]:
        """Return the open originals by work; two queries for any number of works."""
        wanted = {
            int(one.id): one
            for one in references
            if one.kind == WORK_REFERENCE and one.id.isascii() and one.id.isdigit() and len(one.id) < 12
        }
        works = Work.objects.published_to(reader).filter(pk__in=wanted, rights__in=OPEN_RIGHTS)
        found: dict[Reference, list[OpenFile]] = {}
        for row in WorkFile.objects.filter(work__in=works.values("pk")).order_by("work_id", "position", "pk"):
            path = stored_path(row.sha256)
            if path.is_file():
                file = OpenFile(path, row.original_name, row.sha256, row.size_bytes)
                found.setdefault(wanted[row.work_id], []).append(file)
        return found
