"""The demo library: loaded through the pipeline, the same the second time, and a desk with something to do."""

import shutil

import pytest

from khcn.core.demo import load_demo
from khcn.engines.documents.tools import ocr_ready
from khcn.library import demo
from khcn.library.demo_content import load_demo_works
from khcn.library.demo_desk import BROKEN_NAME
from khcn.library.enums import TextSource, WorkState
from khcn.library.models import ImportItem, Page, Work, WorkRelation
from khcn.library.selectors.index import index_documents


@pytest.mark.slow
@pytest.mark.django_db
def test_the_demo_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "index_drain", lambda: None)
    load_demo(lambda _text: None)
    contents = {work.id: work for work in load_demo_works()}
    published = {
        work.external_id: work for work in Work.objects.filter(external_source="demo", state="published")
    }
    assert set(published) == set(contents)
    assert {work.kind for work in published.values()} == {work.kind for work in contents.values()}

    for ident, work in published.items():  # every work is searchable by its text
        assert work.page_count >= 1, ident
        if contents[ident].render:
            assert work.files.count() == 1
    assert len(list(index_documents([work.pk for work in published.values()]))) == len(published)

    scans = [ident for ident, content in contents.items() if content.render == "scan"]
    if ocr_ready() and shutil.which("tesseract"):
        pages = Page.objects.filter(work__external_id__in=scans)
        assert pages and {page.source for page in pages} == {TextSource.OCR}
    legacy = [ident for ident, content in contents.items() if content.render.startswith("tcvn3")]
    assert {page.encoding for page in Page.objects.filter(work__external_id__in=legacy)} == {"tcvn3"}

    ties = WorkRelation.objects.filter(cited_key__startswith="id:")
    assert ties and all(tie.target_id for tie in ties)

    states = set(Work.objects.exclude(state="published").values_list("state", flat=True))
    assert states == {WorkState.SUBMITTED, WorkState.RETURNED}
    assert Work.objects.filter(sensitive=True, state=WorkState.SUBMITTED).count() == 1
    assert ImportItem.objects.get(name=BROKEN_NAME).state == "failed"
    items = ImportItem.objects.count()  # the topics of the demo hand a result in as well

    before = list(Work.objects.order_by("pk").values_list("pk", "updated_at"))
    load_demo(lambda _text: None)
    assert list(Work.objects.order_by("pk").values_list("pk", "updated_at")) == before
    assert ImportItem.objects.count() == items
