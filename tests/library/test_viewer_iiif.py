"""IIIF documents held to the rules of their specifications, and against the pictures they speak of."""

import io
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from khcn.library.models import Page, Work
from tests.library.makers import make_page, make_work
from tests.library.viewer_works import pdf_work

pytestmark = pytest.mark.django_db
MakeWork = Callable[..., Work]
CONTEXTS = {
    "manifest": "http://iiif.io/api/presentation/3/context.json",
    "search": "http://iiif.io/api/search/2/context.json",
    "image": "http://iiif.io/api/image/3/context.json",
}


@pytest.fixture
def make_pdf_work(tmp_path: Path) -> MakeWork:
    return partial(pdf_work, tmp_path)


def document(client: Client, address: str) -> Any:
    response = client.get(address)
    assert response.status_code == 200, address
    assert response["Content-Type"].startswith("application/ld+json;profile=")
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "public" in response["Cache-Control"]
    return response.json()


def path_of(address: str) -> str:
    assert re.match(r"https?://", address)
    return "/" + address.split("/", 3)[3]


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every object of a document."""
    if isinstance(value, dict):
        yield value
        for part in value.values():
            yield from nodes(part)
    elif isinstance(value, list):
        for part in value:
            yield from nodes(part)


def is_language_map(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and bool(value)
        and all(re.fullmatch(r"[a-z]{2,3}|none", key) for key in value)
        and all(
            isinstance(texts, list) and texts and all(isinstance(text, str) for text in texts)
            for texts in value.values()
        )
    )


def manifest_faults(manifest: dict[str, Any]) -> list[str]:
    """The rules of Presentation 3.0 that this manifest breaks."""
    faults = []
    if manifest.get("@context") != CONTEXTS["manifest"] or next(iter(manifest)) != "@context":
        faults.append("@context is missing or not first")
    faults += [f"{name} is missing" for name in ("id", "type", "label", "items") if not manifest.get(name)]
    faults += [
        f"{key} is no language map"
        for key in ("label", "summary")
        if key in manifest and not is_language_map(manifest[key])
    ]
    for row in [*manifest.get("metadata", []), manifest["requiredStatement"]]:
        if not (is_language_map(row.get("label")) and is_language_map(row.get("value"))):
            faults.append(f"metadata {row}")
    if "rights" in manifest and not re.match(
        r"http://(creativecommons|rightsstatements)\.org/", manifest["rights"]
    ):
        faults.append(f"rights {manifest['rights']}")
    for name in ("homepage", "rendering", "thumbnail", "provider", "service"):
        if name in manifest and not isinstance(manifest[name], list):
            faults.append(f"{name} is no list")
    faults += [
        f"{name} lacks {part}"
        for name in ("homepage", "rendering")
        for row in manifest.get(name, [])
        for part in ("id", "type", "label")
        if not row.get(part)
    ]
    for canvas in manifest["items"]:
        faults += canvas_faults(canvas)
    ids = [
        node["id"]
        for node in nodes(manifest["items"])
        if node.get("type") in ("Canvas", "AnnotationPage", "Annotation")
    ]
    if len(ids) != len(set(ids)):
        faults.append("two things share an id")
    canvas_ids = {canvas["id"] for canvas in manifest["items"]}
    for node in nodes(manifest.get("structures", [])):
        if node.get("type") == "Canvas" and node["id"] not in canvas_ids:
            faults.append(f"range to unknown {node['id']}")
        if node.get("type") == "Range" and not (is_language_map(node.get("label")) and node.get("items")):
            faults.append(f"range {node['id']}")
    return faults


def canvas_faults(canvas: dict[str, Any]) -> list[str]:
    """The rules for a canvas that this one breaks."""
    faults = []
    if canvas.get("type") != "Canvas" or "#" in canvas["id"]:
        faults.append("type or id of a canvas")
    if not all(isinstance(canvas.get(side), int) and canvas[side] > 0 for side in ("width", "height")):
        faults.append("sides of a canvas")
    (page,) = canvas["items"]
    (painting,) = page["items"]
    if (page["type"], painting["type"], painting["motivation"]) != (
        "AnnotationPage",
        "Annotation",
        "painting",
    ):
        faults.append("painting")
    if painting["target"] != canvas["id"]:
        faults.append("painting targets something else")
    body = painting["body"]
    if (body["width"], body["height"]) != (canvas["width"], canvas["height"]):
        faults.append("picture and canvas differ")
    for service in body["service"]:
        if (service["type"], service["profile"]) != ("ImageService3", "level0") or service["id"].endswith(
            "/"
        ):
            faults.append("image service")
    faults += [
        f"annotations {page}"
        for page in canvas.get("annotations", [])
        if page["type"] != "AnnotationPage" or not page.get("id")
    ]
    return faults


def test_manifest_keeps_the_rules(client: Client, make_pdf_work: MakeWork) -> None:
    work = make_pdf_work(title_en="Plan of three pages", abstract="Tóm tắt.", rights="cc-by-4.0")
    manifest = document(client, reverse("library:iiif-manifest", args=[work.pk]))
    assert manifest_faults(manifest) == []
    assert path_of(manifest["id"]) == reverse("library:iiif-manifest", args=[work.pk])
    assert manifest["label"] == {"vi": ["Kế hoạch ba trang"], "en": ["Plan of three pages"]}
    assert manifest["rights"] == "http://creativecommons.org/licenses/by/4.0/"
    assert [canvas["label"]["vi"] for canvas in manifest["items"]] == [["Trang 1"], ["Trang 2"], ["Trang 3"]]
    assert manifest["rendering"][0]["format"] == "application/pdf"
    assert client.get(path_of(manifest["rendering"][0]["id"])).status_code == 200
    assert {"vi", "en"} <= set(manifest["metadata"][0]["label"])


def test_the_checker_finds_faults(client: Client, make_pdf_work: MakeWork) -> None:
    manifest = document(client, reverse("library:iiif-manifest", args=[make_pdf_work().pk]))
    manifest["label"] = "Kế hoạch"
    manifest["items"][1]["width"] = 0
    manifest["items"][2]["id"] = manifest["items"][0]["id"]
    assert len(manifest_faults(manifest)) >= 3


def test_pictures_are_as_large_as_said(client: Client, make_pdf_work: MakeWork) -> None:
    manifest = document(client, reverse("library:iiif-manifest", args=[make_pdf_work().pk]))
    canvas = manifest["items"][0]
    body = canvas["items"][0]["items"][0]["body"]
    base = path_of(body["service"][0]["id"])
    assert client.get(base)["Location"] == f"{base}/info.json"
    assert client.get(base).status_code == 303
    info = document(client, f"{base}/info.json")
    assert (info["@context"], info["protocol"], info["profile"]) == (
        CONTEXTS["image"],
        "http://iiif.io/api/image",
        "level0",
    )
    assert (path_of(info["id"]), info["type"]) == (base, "ImageService3")
    assert (info["width"], info["height"]) == (canvas["width"], canvas["height"])
    for size in info["sizes"]:
        for ending, kind in (("jpg", "JPEG"), ("webp", "WEBP")):
            response = client.get(f"{base}/full/{size['width']},{size['height']}/0/default.{ending}")
            picture = Image.open(io.BytesIO(b"".join(response.streaming_content)))
            assert (picture.size, picture.format) == ((size["width"], size["height"]), kind)
            assert response["Access-Control-Allow-Origin"] == "*"
            assert "level0" in response["Link"]
    whole = client.get(f"{base}/full/max/0/default.jpg")
    assert Image.open(io.BytesIO(b"".join(whole.streaming_content))).size == (info["width"], info["height"])
    for wrong in (
        "full/100,100/0/default.jpg",
        "full/max/90/default.jpg",
        "full/max/0/default.png",
        "0,0,9,9/max/0/default.jpg",
        "full/900,/0/default.jpg",
    ):
        assert client.get(f"{base}/{wrong}").status_code == 404, wrong


def test_text_of_a_page_supplements_its_canvas(client: Client, make_pdf_work: MakeWork) -> None:
    work = make_pdf_work()
    canvas = document(client, reverse("library:iiif-manifest", args=[work.pk]))["items"][0]
    page = document(client, path_of(canvas["annotations"][0]["id"]))
    assert (page["@context"], page["type"], page["id"]) == (
        CONTEXTS["manifest"],
        "AnnotationPage",
        canvas["annotations"][0]["id"],
    )
    assert (
        "\n".join(item["body"]["value"] for item in page["items"])
        == Page.objects.get(work=work, number=1).text
    )
    for item in page["items"]:
        assert (item["type"], item["motivation"]) == ("Annotation", "supplementing")
        assert inside(item["target"], canvas)


def inside(target: str, canvas: dict[str, Any]) -> bool:
    """Whether a target is a box that lies on its canvas."""
    address, _, box = target.partition("#xywh=")
    x, y, width, height = map(int, box.split(","))
    return (
        address == canvas["id"]
        and min(x, y) >= 0
        and min(width, height) > 0
        and x + width <= canvas["width"]
        and y + height <= canvas["height"]
    )


def test_search_gives_boxes_and_what_stands_around(client: Client, make_pdf_work: MakeWork) -> None:
    work = make_pdf_work()
    manifest = document(client, reverse("library:iiif-manifest", args=[work.pk]))
    (service,) = manifest["service"]
    assert service["type"] == "SearchService2"
    canvases = {canvas["id"]: canvas for canvas in manifest["items"]}
    answer = document(client, f"{path_of(service['id'])}?q=khoa%20hoc&motivation=painting")
    assert (answer["@context"], answer["type"], answer["ignored"]) == (
        CONTEXTS["search"],
        "AnnotationPage",
        ["motivation"],
    )
    ids = [item["id"] for item in answer["items"]]
    assert len(ids) == len(set(ids)) == 6
    for item in answer["items"]:
        assert inside(item["target"], canvases[item["target"].partition("#")[0]])
    quotes = answer["annotations"][0]["items"]
    assert [quote["target"]["source"] for quote in quotes] == ids
    selector = quotes[0]["target"]["selector"][0]
    assert (selector["type"], selector["exact"], selector["suffix"][:9]) == (
        "TextQuoteSelector",
        "khoa học",
        "và công n",
    )


def test_search_without_a_question_or_an_answer_is_empty(client: Client, make_pdf_work: MakeWork) -> None:
    address = reverse("library:iiif-search", args=[make_pdf_work().pk])
    for question in ("", "?q=", "?q=vangmat", "?q=%00", "?q=%22", "?q=khoa&trang=99", "?q=khoa&trang=x"):
        answer = document(client, address + question)
        assert answer["type"] == "AnnotationPage"
        assert bool(answer["items"]) == question.endswith("trang=x")


def test_answers_come_in_pages(
    client: Client, make_pdf_work: MakeWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("khcn.library.views.viewer_iiif.PAGES_PER_ANSWER", 1)
    first = document(client, reverse("library:iiif-search", args=[make_pdf_work().pk]) + "?q=khoa")
    second = document(client, path_of(first["next"]["id"]))
    assert "next" not in second
    assert second["prev"]["id"] == first["id"]
    assert (second["startIndex"], second["partOf"]["type"], second["partOf"]["first"]["id"]) == (
        1,
        "AnnotationCollection",
        first["id"],
    )


def test_a_known_manifest_is_not_sent_again(client: Client, make_pdf_work: MakeWork) -> None:
    address = reverse("library:iiif-manifest", args=[make_pdf_work().pk])
    tag = client.get(address)["ETag"]
    again = client.get(address, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert again["Access-Control-Allow-Origin"] == "*"


def test_a_work_without_pictures_has_no_manifest(client: Client) -> None:
    work = make_work("Bài viết", state="published")
    make_page(work)
    for name, arguments in (
        ("iiif-manifest", [work.pk]),
        ("iiif-text", [work.pk, 1]),
        ("iiif-info", [work.pk, 1]),
    ):
        assert client.get(reverse(f"library:{name}", args=arguments)).status_code == 404


def test_the_page_of_a_work_names_its_manifest(client: Client, make_pdf_work: MakeWork) -> None:
    work = make_pdf_work()
    link = client.get(reverse("library:work", args=[work.slug, work.pk]))["Link"]
    assert reverse("library:iiif-manifest", args=[work.pk]) in link
    assert 'profile="http://iiif.io/api/presentation/3/context.json"' in link
