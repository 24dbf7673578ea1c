"""Loads the demo library through the same pipeline and services as real works; loading twice changes nothing."""

import os
import tempfile
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from io import BytesIO
from pathlib import Path

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.demo import Progress
from khcn.engines.documents.types import ExtractionError
from khcn.library.demo_content import (
    DemoLegal,
    DemoWork,
    load_demo_collections,
    load_demo_subjects,
    load_demo_works,
)
from khcn.library.demo_desk import BROKEN_BYTES, BROKEN_NAME, DESK_WORKS, DeskWork
from khcn.library.demo_files import build_file
from khcn.library.enums import BatchOrigin
from khcn.library.imports.drafts import RelationDraft
from khcn.library.models import Audience, Collection, ImportBatch, Subject, Work
from khcn.library.pipeline.steps import fingerprint, read_options, read_source
from khcn.library.pipeline.types import Failure, Reading, Source
from khcn.library.search.changes import index_drain
from khcn.library.services.deposits import deposit_process, deposit_start
from khcn.library.services.filing import work_file_add, work_place
from khcn.library.services.relations import relations_resolve, relations_set
from khcn.library.services.review import work_return, work_submit
from khcn.library.services.taxonomy import Terms, term_ensure
from khcn.library.services.works import work_create
from khcn.orgs.models import Membership, User

SOURCE = "demo"
_CONTRIBUTOR, _LIBRARIAN = "guitailieu", "thuthu"


def load_demo(progress: Progress) -> None:
    """Load what is missing of the demo works; a file that cannot be read leaves its work with a warning."""
    works = load_demo_works()
    held = set(Work.objects.filter(external_source=SOURCE).values_list("external_id", flat=True))
    _load_terms()
    missing = [work for work in works if work.id not in held]
    terms = {"collections": Terms(Collection), "subjects": Terms(Subject), "audiences": Terms(Audience)}
    unit_id = _unit_of(_LIBRARIAN)
    for done, (work, reading) in enumerate(_read_all(missing), start=1):
        _load_work(work, reading, terms, unit_id)
        if done % 10 == 0 or done == len(missing):
            progress(_("Thư viện mẫu: %(done)s/%(total)s tài liệu") % {"done": done, "total": len(missing)})
        if isinstance(reading, Failure):
            progress(f"{work.id}: {reading.message}")
    _load_desk(held)
    index_drain()


def _load_terms() -> None:
    for model, terms in ((Collection, load_demo_collections()), (Subject, load_demo_subjects())):
        for term in terms:
            term_ensure(model, term.name, key=term.key, description=term.description, position=term.position)


def _unit_of(username: str) -> int | None:
    seat = Membership.objects.filter(user__username=username).order_by("id").first()
    return seat.unit_id if seat else None


def _read_all(
    works: Iterable[DemoWork],
) -> Iterable[tuple[DemoWork, tuple[Source, Reading] | Failure | None]]:
    """Build and read the files side by side; yield each work with its reading, in order."""
    options = read_options()
    with (
        tempfile.TemporaryDirectory(prefix="khcn-demo-") as folder,
        ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="demo") as pool,
    ):

        def one(work: DemoWork) -> tuple[Source, Reading] | Failure | None:
            if not work.render:
                return None
            path = build_file(work, Path(folder))
            source = Source(path, path.name)
            try:
                reading = read_source(source, fingerprint(source, options.limits), options)
            except ExtractionError as error:
                return Failure(error.code, error.message)
            return reading if isinstance(reading, Failure) else (source, reading)

        waiting: list[tuple[DemoWork, Future[tuple[Source, Reading] | Failure | None]]] = [
            (work, pool.submit(one, work)) for work in works
        ]
        for work, future in waiting:
            yield work, future.result()


def _load_work(
    demo: DemoWork,
    reading: tuple[Source, Reading] | Failure | None,
    terms: dict[str, Terms],
    unit_id: int | None,
) -> None:
    now = timezone.now()
    with transaction.atomic():
        work = work_create(
            actor=None,
            kind=demo.kind,
            title=demo.title,
            unit_id=unit_id,
            now=now,
            values=_values(demo),
            terms={
                "collections": terms["collections"].ids([demo.collection]),
                "subjects": terms["subjects"].ids(demo.subjects),
                "audiences": terms["audiences"].ids(demo.audiences),
            },
            legal=_legal(demo.legal) if demo.legal else None,
        )
        extra = {"sources": [str(source) for source in demo.sources], "certainty": demo.certainty}
        Work.objects.filter(pk=work.pk).update(external_source=SOURCE, external_id=demo.id, extra=extra)
        work.refresh_from_db()
        if isinstance(reading, tuple):
            source, read = reading
            work = work_file_add(actor=None, work=work, source=source, reading=read, now=now).work
        if demo.legal and demo.legal.relations:
            relations_set(actor=None, work=work, relations=_relations(demo.legal))
        relations_resolve([work.pk])
        work_place(work, now)


def _values(demo: DemoWork) -> dict[str, object]:
    return {
        "abstract": demo.abstract,
        "body": demo.body_html if not demo.render else "",
        "creators": [{"name": name} for name in demo.creators],
        "publisher": demo.publisher[:200],
        "issued_date": demo.legal.issued_date if demo.legal else demo.issued,
        "language": demo.language,
        "rights": demo.rights,
        "rights_note": demo.rights_note[:500],
        "source": demo.source_line[:500],
        "url": demo.url,
    }


def _legal(legal: DemoLegal) -> dict[str, object]:
    return {
        "type_name": legal.type_name,
        "number": legal.full_number,
        "code_number": legal.code_number,
        "code_notation": legal.code_notation,
        "organ_name": legal.organ_name,
        "place": legal.place,
        "signer_name": legal.signer_name,
        "signer_position": f"{legal.signing_mode} {legal.signer_position}".strip()[:100],
        "recipients": list(legal.recipients),
        "effective_date": legal.effective_date,
        "expired_date": legal.expired_date,
    }


def _relations(legal: DemoLegal) -> list[RelationDraft]:
    return [
        RelationDraft(
            kind=relation.kind, external_id=relation.target, number=relation.number, title=relation.title
        )
        for relation in legal.relations
    ]


def _load_desk(held: set[str]) -> None:
    """Put the contributor's works on their way, and one file that cannot be read into the list of deposits."""
    contributor = User.objects.filter(username=_CONTRIBUTOR).first()
    librarian = User.objects.filter(username=_LIBRARIAN).first()
    if contributor is None or librarian is None:
        return
    unit_id = _unit_of(_CONTRIBUTOR)
    now = timezone.now()
    for demo in DESK_WORKS:
        if demo.id not in held:
            _load_desk_work(demo, contributor, librarian, unit_id, now)
    if not ImportBatch.objects.filter(origin=BatchOrigin.WEB, actor=contributor).exists():
        broken = _Upload(BROKEN_NAME, BROKEN_BYTES)
        batch = deposit_start(actor=contributor, unit_id=unit_id, files=[broken], now=now)
        deposit_process(batch.pk)


def _load_desk_work(
    demo: DeskWork, contributor: User, librarian: User, unit_id: int | None, now: datetime
) -> None:
    with tempfile.TemporaryDirectory(prefix="khcn-demo-") as folder:
        path = Path(folder) / demo.file_name
        path.write_text(demo.text, encoding="utf-8")
        source = Source(path, demo.file_name)
        options = read_options()
        reading = read_source(source, fingerprint(source, options.limits), options)
    with transaction.atomic():
        work = work_create(
            actor=contributor,
            kind="learning",
            title=demo.title,
            unit_id=unit_id,
            now=now,
            values={"rights": "cc-by-4.0", "language": "vi"},
        )
        Work.objects.filter(pk=work.pk).update(external_source=SOURCE, external_id=demo.id)
        if isinstance(reading, Reading):
            work = work_file_add(actor=contributor, work=work, source=source, reading=reading, now=now).work
        work_submit(actor=contributor, work=work, now=now)
        if demo.fate == "returned":
            work_return(actor=librarian, work=work, reason=demo.note, now=now)


class _Upload:
    """A file as a form would hand it over."""

    def __init__(self, name: str, data: bytes) -> None:
        self.name: str | None = name
        self.size: int | None = len(data)
        self._data = data

    def chunks(self, chunk_size: int | None = None) -> Iterable[bytes]:
        """Yield the bytes."""
        return iter(BytesIO(self._data))
