"""A shelf of works that stands for the library in the tests of search: a dictionary behind the document provider."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from khcn.library.search.changes import index_drain, index_enqueue
from khcn.library.search.facade import autocomplete, search
from khcn.library.search.types import IndexDocument, SearchQuery, SearchResult
from tests.library.search.works import NOW, work


class Shelf:
    """Works by id; putting and taking enqueue the change as a service does, in the same transaction."""

    def __init__(self) -> None:
        self.works: dict[int, IndexDocument] = {}
        self.broken: set[int] = set()

    def documents(self, work_ids: Sequence[int]) -> Iterator[IndexDocument]:
        for work_id in work_ids:
            if work_id in self.broken:
                raise ValueError(f"work {work_id} cannot be read")
            if work_id in self.works:
                yield self.works[work_id]

    def put(self, *works: IndexDocument, drain: bool = True) -> None:
        self.works.update({item.work_id: item for item in works})
        index_enqueue([item.work_id for item in works])
        if drain:
            index_drain()

    def take(self, *work_ids: int, drain: bool = True) -> None:
        for work_id in work_ids:
            del self.works[work_id]
        index_enqueue(work_ids)
        if drain:
            index_drain()


def ask(text: str, **options: Any) -> SearchResult:
    """Search as the public, unless told otherwise."""
    return search(SearchQuery(text, **{"now": NOW, **options}))


def found(text: str, **options: Any) -> list[int]:
    """Return the ids of the works found, in order."""
    return [hit.work_id for hit in ask(text, **options).hits]


def complete(prefix: str, access: Iterable[str] = ("public",), now: datetime = NOW) -> list[str]:
    """Return the texts proposed for a prefix."""
    return [item.text for item in autocomplete(prefix, access=frozenset(access), now=now)]


LIBRARY = [
    work(
        1,
        "Kế hoạch ứng dụng khoa học và công nghệ năm 2021",
        "Ủy ban nhân dân ban hành kế hoạch ứng dụng khoa học và công nghệ phục vụ người dân và doanh nghiệp.",
        number="82/KH-UBND",
        issuing_body="Ủy ban nhân dân",
        subjects=("Khoa học và công nghệ",),
        facets={"kind": ("legal",), "year": ("2021",), "validity": ("in_force",), "subject": ("khcn",)},
        date=date(2021, 5, 10),
    ),
    work(
        2,
        "Quyết định ban hành quy chế quản lý đề tài",
        "Quyết định này ban hành quy chế quản lý đề tài nghiên cứu. Căn cứ Kế hoạch số 82/KH-UBND.",
        number="91/2015/QĐ-UBND",
        facets={"kind": ("legal",), "year": ("2015",), "validity": ("expired",)},
        date=date(2015, 3, 2),
    ),
    work(
        3,
        "Đường Nguyễn Trãi: khảo sát giao thông",
        "Khảo sát lưu lượng xe trên đường Nguyễn Trãi vào giờ cao điểm, thủy triều và mưa lớn.",
        facets={"kind": ("report",), "year": ("2020",), "audience": ("officials", "public")},
        date=date(2020, 1, 1),
    ),
    work(
        4,
        "Hòa giải ở cơ sở",
        "Sổ tay hòa giải viên: cách thức hòa giải tranh chấp giữa các hộ gia đình.",
        facets={"kind": ("learning",), "year": ("2020",), "audience": ("public",)},
        date=date(2020, 6, 1),
    ),
    work(
        5,
        "Ăn uống đủ chất cho học sinh",
        "Bữa ăn của học sinh cần đủ chất đạm, chất béo và rau xanh. Đường chỉ nên dùng ít.",
        facets={"kind": ("article",), "audience": ("pupils",)},
    ),
    work(
        6,
        "Vật lý lớp 6: đo độ dài",
        [
            "Bài mở đầu về đo lường.",
            "Thước kẻ và cách đo độ dài của một vật.",
            "Nhiệt kế đo nhiệt độ nước sôi.",
        ],
        facets={"kind": ("learning",), "audience": ("pupils", "teachers")},
    ),
]
