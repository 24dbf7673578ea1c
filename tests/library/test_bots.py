"""Robots and load: how far visitors may go, what robots.txt closes, and that drawing and searching stay bounded."""

import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.urls.converters import IntConverter

from khcn.core.gate import Slots, slots_of
from khcn.library import root_urls
from khcn.library import urls as library_urls
from khcn.library.enums import WorkState
from khcn.library.models import Collection
from khcn.library.tables.results import work_url
from khcn.library.views import files
from khcn.library.views.limits import MAX_CHOSEN
from khcn.orgs.enums import Role
from khcn.ui.paging import MAX_PAGE
from tests.library.makers import make_page, make_term, make_work
from tests.orgs.factories import make_member, make_user

pytestmark = pytest.mark.django_db
SEARCH = "/thu-vien/tim/"
OUTSIDE: dict[str, Any] = {"REMOTE_ADDR": "203.0.113.9"}


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    cache.clear()
    slots_of.cache_clear()
    yield
    cache.clear()
    slots_of.cache_clear()


MANY = "&".join(f"nam={2000 + number}" for number in range(MAX_CHOSEN + 1))
SPREAD = "loai=legal&loai=report&nam=2020&nam=2021&hieu-luc=in_force&ngon-ngu=vi&ngon-ngu=en"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{SEARCH}?q=khoa&trang={MAX_PAGE}", 200),
        (f"{SEARCH}?q=khoa&trang={MAX_PAGE + 1}", 403),
        (f"{SEARCH}?q=khoa&trang=99999999999999999999", 403),
        (f"{SEARCH}?q=khoa&trang=-1", 200),
        (f"{SEARCH}?q=khoa&trang=٣", 200),
        (f"{SEARCH}?{MANY}", 403),
        (f"{SEARCH}?{SPREAD}", 403),
        (f"{SEARCH}?nam=2020&loai=legal&hieu-luc=in_force", 200),
        (f"/thu-vien/moi/?trang={MAX_PAGE}", 200),
        (f"/thu-vien/moi/?trang={MAX_PAGE + 1}", 403),
        ("/thu-vien/bo-suu-tap/ke-hoach/?trang=100000", 403),
    ],
)
def test_as_far_as_people_go(client: Client, path: str, status: int) -> None:
    make_term(Collection, "Kế hoạch")
    answer = client.get(path)
    assert answer.status_code == status
    if status == 403:
        text = answer.content.decode()
        assert "Không mở sâu hơn được" in text and reverse("library-root:oai") in text
        assert answer["X-Robots-Tag"] == "noindex" and "Retry-After" not in answer


def test_who_signed_in_goes_deeper(client: Client) -> None:
    client.force_login(make_user())
    assert client.get(f"{SEARCH}?q=khoa&trang={MAX_PAGE + 1}").status_code == 200
    assert client.get(f"/thu-vien/moi/?trang={MAX_PAGE + 1}").status_code == 200


def test_searching_on_and_on_is_refused_politely_and_staff_never(client: Client, settings: Any) -> None:
    settings.KHCN = settings.KHCN.model_copy(update={"gate_percent": 5})  # three searches a minute
    ask: dict[str, Any] = {"path": f"{SEARCH}?q=khoa", "headers": {"Accept": "text/html"}, **OUTSIDE}
    assert [client.get(**ask).status_code for _n in range(5)] == [200, 200, 200, 429, 429]
    polite = client.get(**ask)
    assert int(polite["Retry-After"]) <= 60 and "nhanh quá" in polite.content.decode()
    client.force_login(make_member(Role.LIBRARIAN))
    assert {client.get(**ask).status_code for _n in range(20)} == {200}


def test_search_answers_are_not_for_indexes(client: Client) -> None:
    assert client.get(f"{SEARCH}?q=khoa")["X-Robots-Tag"] == "noindex"
    assert client.get("/thu-vien/goi-y/?q=kh")["X-Robots-Tag"] == "noindex"


def test_visitors_together_leave_threads_for_readers(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    full = Slots(1, wait_s=0.01)
    monkeypatch.setattr("khcn.core.gate.slots_of", lambda _name: full)
    with full.taken():
        busy = client.get(f"{SEARCH}?q=khoa")
        assert (busy.status_code, busy["Retry-After"]) == (503, "10")
        assert client.get("/thu-vien/moi/").status_code == 200
    assert client.get(f"{SEARCH}?q=khoa").status_code == 200


# --- pictures of pages ---


@pytest.fixture
def picture(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> str:
    """A published scan whose pictures are not drawn yet."""
    from django.utils import timezone

    from khcn.library.models import WorkFile

    work = make_work("Bản quét", state=WorkState.PUBLISHED)
    file = WorkFile.objects.create(
        work=work,
        sha256="a" * 64,
        original_name="a.pdf",
        size_bytes=1,
        added_at=timezone.now(),
        has_thumbnail=True,
    )
    make_page(work, file=file)
    monkeypatch.setattr(files, "picture_path", lambda *_args: tmp_path / "picture.webp")
    return reverse("library:page-image", args=[work.pk, 1, 900])


def test_few_pictures_are_drawn_at_once(
    client: Client, picture: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    places = Slots(1, wait_s=0.01)
    monkeypatch.setattr(files, "drawing_places", lambda: places)

    def draw(*_args: Any, **_kwargs: Any) -> Any:
        with pytest.raises(Exception, match="bận"), places.taken():
            pass  # while one is drawn nobody else draws
        (tmp_path / "picture.webp").write_bytes(b"picture")
        return tmp_path / "picture.webp"

    monkeypatch.setattr(files, "page_picture", draw)
    with places.taken():
        busy = client.get(picture)
    assert (busy.status_code, busy["Retry-After"], busy["Cache-Control"]) == (503, "10", "no-store")
    assert client.get(picture).status_code == 200
    with places.taken():  # what is drawn costs nothing
        assert client.get(picture).status_code == 200


def test_new_pictures_are_limited_by_visitor_and_kept_ones_are_not(
    client: Client, picture: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any, settings: Any
) -> None:
    settings.KHCN = settings.KHCN.model_copy(update={"gate_percent": 5})  # three pictures a minute
    drawn: list[int] = []

    def draw(*_args: Any, **_kwargs: Any) -> Any:
        drawn.append(1)
        path = tmp_path / f"{len(drawn)}.webp"
        path.write_bytes(b"picture")
        return path

    monkeypatch.setattr(files, "page_picture", draw)
    assert [client.get(picture, **OUTSIDE).status_code for _n in range(5)] == [200, 200, 200, 429, 429]
    assert len(drawn) == 3
    (tmp_path / "picture.webp").write_bytes(b"kept")
    assert {client.get(picture, **OUTSIDE).status_code for _n in range(5)} == {200}


def test_places_in_this_process_follow_the_settings(settings: Any) -> None:
    settings.KHCN = settings.KHCN.model_copy(update={"web_threads": 8})
    slots = slots_of("library.search")
    held = [slots.taken() for _n in range(2)]
    for place in held:
        place.__enter__()
    outcome: list[str] = []

    def fifth() -> None:
        try:
            with slots.taken():
                outcome.append("in")
        except Exception as error:
            outcome.append(type(error).__name__)

    asking = threading.Thread(target=fifth)
    asking.start()
    held[0].__exit__(None, None, None)
    asking.join(5)
    assert outcome == ["in"]
    for place in held[1:]:
        place.__exit__(None, None, None)


# --- robots.txt ---


def closed(robots: str, path: str) -> bool:
    """Whether robots.txt closes a path: RFC 9309 with ``*`` and ``$``; here every rule is a Disallow."""
    rules = re.findall(r"^Disallow: (\S+)$", robots, re.MULTILINE)

    def matches(rule: str) -> bool:
        pattern = "".join(".*" if char == "*" else re.escape(char) for char in rule.removesuffix("$"))
        return re.match(pattern + ("$" if rule.endswith("$") else ""), path) is not None

    return any(matches(rule) for rule in rules)


def test_robots_are_told_what_is_open_and_what_is_closed(client: Client) -> None:
    work = make_work("Kế hoạch tìm kiếm", state=WorkState.PUBLISHED)
    robots = client.get("/robots.txt").content.decode()
    page = work_url(work)
    wanted = {
        page: False,
        f"{page}trang-3/": True,
        f"{page}?ngay=2020-01-01": True,
        f"{page}?x=1&ngay=2020-01-01": True,
        "/": False,
        "/thu-vien/": False,
        "/thu-vien/moi/": False,
        "/thu-vien/moi/atom.xml": False,
        "/thu-vien/moi/?trang=7": True,
        "/thu-vien/moi/?sap-xep=ten": True,
        "/thu-vien/bo-suu-tap/ke-hoach/": False,
        reverse("library:thumbnail", args=[5]): False,
        reverse("library:page-image", args=[5, 1, 900]): True,
        reverse("library:file", args=[5, 6]): False,
        reverse("library:search") + "?q=x": True,
        reverse("library:suggestions") + "?q=x": True,
        "/thu-vien/tim/atom.xml?q=x": True,
        reverse("library:iiif-manifest", args=[5]): True,
        reverse("library:cite-result") + "?q=x": True,
        reverse("library:cite-file", args=[5, "bibtex"]): True,
        reverse("library:export") + "?q=x": True,
        reverse("library:takedown", args=[5]): True,
        reverse("library-root:oai") + "?verb=Identify": True,
        "/api/v1/works": True,
        "/ban-lam-viec/": True,
        "/quan-tri/": True,
        "/sitemap.xml": False,
        "/cho/": False,
        "/ke-hoach/": False,
    }
    assert {path: closed(robots, path) for path in wanted} == wanted
    assert "Sitemap: http" in robots


# Every public address of the library, and whether robots may go there. A new one is decided here.
OPEN = {
    "home",
    "recent",
    "collection",
    "subject",
    "audience",
    "thumbnail",
    "file",
    "work",
    "authors",
    "author",
    "subjects",
    "shelves",
    "shelf",
    "api",
    "version",
    "version-file",
    "recent-feed",
    "collection-feed",
    "subject-feed",
    "audience-feed",
}
CLOSED = {
    "search",
    "suggestions",
    "page-image",
    "takedown",
    "page",
    "save-search",
    "alert-confirm",
    "alert-leave",
    "export",
    "export-file",
    "cite-result",
    "cite-result-file",
    "cite-file",
    "page-marks",
    "iiif-manifest",
    "iiif-text",
    "iiif-search",
    "iiif-image",
    "iiif-info",
    "iiif-file",
    "search-feed",
    "description",
}
OPEN_AT_ROOT, CLOSED_AT_ROOT = {"opds", "opds-recent", "ark"}, {"oai", "oai-legal-schema", "opds-search"}


def _sample(space: str, pattern: Any) -> str:
    """An address of a pattern; words where it takes words, 5 where it takes numbers."""
    if pattern.name == "ark":
        return reverse(f"{space}:ark", kwargs={"rest": "99999/k7q"})
    kinds = pattern.pattern.converters
    given = {name: 5 if isinstance(kind, IntConverter) else "tu" for name, kind in kinds.items()}
    return reverse(f"{space}:{pattern.name}", kwargs=given)


@pytest.mark.parametrize(
    ("space", "patterns", "opened", "shut"),
    [
        ("library", library_urls.urlpatterns, OPEN, CLOSED),
        ("library-root", root_urls.urlpatterns, OPEN_AT_ROOT, CLOSED_AT_ROOT),
    ],
)
def test_every_public_address_is_decided(
    client: Client, space: str, patterns: list[Any], opened: set[str], shut: set[str]
) -> None:
    robots = client.get("/robots.txt").content.decode()
    found = {pattern.name: closed(robots, _sample(space, pattern)) for pattern in patterns}
    assert found == dict.fromkeys(opened, False) | dict.fromkeys(shut, True)


def test_filters_are_not_followed(client: Client) -> None:
    make_work("Khoa học", state=WorkState.PUBLISHED)
    text = client.get(f"{SEARCH}?loai=document").content.decode()
    facets = text[text.index('<section class="facets"') :].partition("</section>")[0]
    links = [link for link in re.findall(r"<a [^>]*>", facets) if "chip" not in link]
    assert links and all('rel="nofollow"' in link for link in links)
    assert 'content="noindex, nofollow"' in text
