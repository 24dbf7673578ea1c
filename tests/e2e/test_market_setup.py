"""A market manager draws a gate and a zone in the browser: with the mouse, with keys alone, and without scripts."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect

from khcn.markets.models import Camera, Gate, GateReview, Layout, Zone
from khcn.orgs.enums import Role
from tests.e2e.conftest import TIMEOUT_MS
from tests.e2e.test_accessibility import RULES
from tests.markets.factories import gate_hour, make_camera, make_gate, make_layout, make_market, make_zone
from tests.orgs.factories import make_member, make_unit

expect.set_options(timeout=TIMEOUT_MS)
pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
SignIn = Callable[..., Page]


@pytest.fixture
def camera() -> Camera:
    """A camera of 1280 x 720 without a drawing, and its manager ``quanly``."""
    unit = make_unit("Ban quản lý chợ")
    make_member(Role.MARKET_MANAGER, unit, username="quanly")
    return make_camera(make_market("Chợ Hoa", unit=unit), name="Cửa Đông")


def address(camera: Camera) -> str:
    return f"/ban-lam-viec/cho/thiet-lap/camera/{camera.pk}/ve/"


def pixel(page: Page, x: float, y: float) -> tuple[float, float]:
    """Return where a point of the picture is on the screen."""
    box = page.locator("[data-editor-view] svg").bounding_box()
    assert box is not None
    return box["x"] + x * box["width"] / 1280, box["y"] + y * box["height"] / 720


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Take hold of a point of the picture and let go elsewhere."""
    page.locator("[data-editor-view]").scroll_into_view_if_needed()
    page.mouse.move(*pixel(page, *start))
    page.mouse.down()
    page.mouse.move(*pixel(page, *end), steps=4)
    page.mouse.up()


def saved(page: Page, camera: Camera) -> dict[str, Any]:
    """Save, and return the drawing that is now in force."""
    page.get_by_role("button", name="Lưu bản vẽ").click()
    expect(page.get_by_text("Đã lưu bản vẽ số")).to_be_visible()
    return dict(Layout.objects.get(camera=camera, valid_to__isnull=True).drawing)


def near(points: list[list[float]], wanted: list[list[float]], within: float = 3) -> bool:
    """Whether two lists of points are the same but for rounding on the screen."""
    pairs = zip(points, wanted, strict=True)
    return all(abs(a[0] - b[0]) <= within and abs(a[1] - b[1]) <= within for a, b in pairs)


def test_drawing_by_mouse(sign_in: SignIn, camera: Camera) -> None:
    page = sign_in("quanly", address(camera))
    page.get_by_role("button", name="Vẽ cửa").click()
    for point in ((300, 200), (300, 500)):
        page.mouse.click(*pixel(page, *point))
    page.get_by_role("button", name="Xong").click()
    page.keyboard.type("Cửa chính")
    page.get_by_role("button", name="Vẽ khu").click()
    for point in ((500, 200), (900, 200), (900, 600)):
        page.mouse.click(*pixel(page, *point))
    page.get_by_role("button", name="Xong").click()
    page.keyboard.type("Dãy cá")

    # the last corner is dragged, taken back, and dragged again
    page.locator("[data-row=zone]:visible [data-row-pick]").scroll_into_view_if_needed()
    points = page.locator("[data-row=zone]:visible textarea")
    before = points.input_value()
    expect(page.locator("[data-handle]")).to_have_count(3)
    drag(page, (900, 600), (700, 650))
    assert points.input_value() != before
    page.get_by_role("button", name="Hoàn tác").click()
    expect(points).to_have_value(before)
    drag(page, (900, 600), (700, 650))

    drawing = saved(page, camera)
    assert near(drawing["gates"][0]["points"], [[300, 200], [300, 500]])
    assert near(drawing["zones"][0]["polygon"], [[500, 200], [900, 200], [700, 650]])
    assert Gate.objects.get(camera=camera).name == "Cửa chính"
    assert Zone.objects.get(camera=camera).name == "Dãy cá"
    page.reload()
    expect(page.locator("[data-editor-view] .shape-gate")).to_have_count(1)
    expect(page.locator("[data-editor-view] .shape-zone")).to_have_count(1)


def test_drawing_by_keys_alone(sign_in: SignIn, camera: Camera) -> None:
    page = sign_in("quanly", address(camera))
    page.get_by_role("button", name="Vẽ cửa").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-editor-view]")).to_be_focused()
    for _step in range(10):  # from the middle (640, 360), ten pixels a step
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("Space")
    for _step in range(20):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    name = page.locator("[data-row=gate]:visible input[name$=name]")
    expect(name).to_be_focused()
    page.keyboard.type("Cửa phím")
    page.get_by_role("button", name="Vẽ khu").focus()
    page.keyboard.press("Enter")
    for key, times in (("ArrowRight", 10), ("ArrowDown", 10), ("ArrowLeft", 20)):
        for _step in range(times):
            page.keyboard.press(key)
        page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.keyboard.type("Khu phím")
    # a corner is added, moved and taken away again, all by keys
    page.locator("[data-row=zone]:visible [data-row-pick]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-handle='0']")).to_be_focused()
    page.keyboard.press("Insert")
    expect(page.locator("[data-handle]")).to_have_count(4)
    page.keyboard.press("Delete")
    expect(page.locator("[data-handle]")).to_have_count(3)

    drawing = saved(page, camera)
    (gate,), (zone,) = drawing["gates"], drawing["zones"]
    assert gate["points"] == [[540, 360], [540, 561]]
    assert zone["id"] == "khu-phim" and len(zone["polygon"]) == 3


def test_drawing_without_scripts(sign_in: SignIn, camera: Camera) -> None:
    page = sign_in("quanly", address(camera), script=False)
    gate, zone = page.locator("[data-row=gate]:visible"), page.locator("[data-row=zone]:visible")
    gate.get_by_label("Tên").fill("Cửa chữ")
    gate.get_by_label("Các điểm của vạch").fill("100 100; 100 abc")
    page.get_by_role("button", name="Lưu bản vẽ").click()
    expect(page.get_by_role("alert")).to_contain_text("Không đọc được điểm")
    gate.get_by_label("Các điểm của vạch").fill("100 100; 100 400")
    zone.get_by_label("Tên").fill("Khu chữ")
    zone.get_by_label("Các góc của khu").fill("300 300; 600 300; 600,5 500")
    drawing = saved(page, camera)
    assert drawing["gates"][0]["points"] == [[100, 100], [100, 400]]
    assert drawing["zones"][0]["polygon"][2] == [600.5, 500]
    expect(page.locator("[data-editor-view] .shape-gate")).to_have_count(1)  # drawn by the server


def test_a_removed_gate_goes_and_a_swap_turns_it(sign_in: SignIn, camera: Camera) -> None:
    first, second = (
        make_gate(camera, name="Cửa Một", key="mot"),
        make_gate(camera, name="Cửa Ngoài", key="ngoai"),
    )
    make_layout(camera)
    page = sign_in("quanly", address(camera))
    rows = page.locator("[data-row=gate]:visible")
    expect(rows).to_have_count(2)
    rows.nth(0).get_by_label("Đổi chiều").check()
    rows.nth(1).get_by_label("Bỏ").check()
    drawing = saved(page, camera)
    assert [(one["id"], one["direction"]) for one in drawing["gates"]] == [(first.key, "out")]
    second.refresh_from_db()
    assert not second.active and Layout.objects.filter(camera=camera).count() == 2


def test_counting_by_hand_survives_a_lost_network(sign_in: SignIn, camera: Camera) -> None:
    gate = make_gate(camera, name="Cửa Một")
    page = sign_in("quanly", "/ban-lam-viec/")
    clock = (timezone.now() - timedelta(hours=1)).replace(minute=9, second=50, microsecond=0)
    page.clock.install(time=clock)
    page.add_init_script(  # the server's clock, as the page is told it, follows the clock of this test
        f"document.addEventListener('readystatechange', () => {{ const box = document.querySelector('[data-clicker]'); "
        f"if (box) box.dataset.now = '{clock.isoformat()}'; }}, {{once: true}})"
    )
    page.goto(f"/ban-lam-viec/cho/thiet-lap/camera/{camera.pk}/dem/")
    page.get_by_role("button", name="Bắt đầu").click()
    expect(page.locator("[data-click=in]")).to_be_disabled()
    page.clock.run_for(15_000)
    page.context.set_offline(True)
    for _tap in range(3):
        page.locator("[data-click=in]").click()
    page.keyboard.press("r")
    page.keyboard.press("v")
    page.get_by_role("button", name="Bỏ lần bấm cuối").click()
    page.clock.run_for(125_000)
    page.get_by_role("button", name="Dừng đếm").click()
    page.context.set_offline(False)
    expect(page.get_by_label("Số lượt vào")).to_have_value("3")
    expect(page.get_by_label("Số lượt ra")).to_have_value("1")
    start = clock.replace(minute=10, second=0)
    hour = gate_hour(gate, start.replace(minute=0), 120, 60)
    hour.save()
    page.reload()  # what was counted is still on this device
    expect(page.get_by_label("Số lượt vào")).to_have_value("3")
    page.get_by_role("button", name="Lưu và so sánh").click()
    expect(page.get_by_text("Đã lưu. Hệ thống đếm vào 4, bạn 3; ra 2, bạn 1.")).to_be_visible()
    assert page.evaluate("localStorage.length") == 0  # it goes from the device only when the centre has it
    review = GateReview.objects.get()
    assert (review.source, review.started_at, review.ended_at - review.started_at) == (
        "clicker",
        start,
        timedelta(minutes=2),
    )


@pytest.mark.parametrize("width", [360, 1280])
def test_the_pages_are_accessible(sign_in: SignIn, camera: Camera, width: int) -> None:
    make_gate(camera, name="Cửa Một")
    make_zone(camera, name="Khu Một")
    make_layout(camera)
    root = "/ban-lam-viec/cho/thiet-lap/"
    paths = [
        address(camera), f"{root}camera/{camera.pk}/", f"{root}camera/{camera.pk}/sua/", f"{root}cho/{camera.market.key}/",
        f"{root}cho/{camera.market.key}/camera-moi/", f"{root}cho/{camera.market.key}/thong-tin/",
        f"{root}camera/{camera.pk}/thu/", f"{root}camera/{camera.pk}/dem/", f"{root}camera/{camera.pk}/ban-ve/",
        f"{root}camera/{camera.pk}/bang-thong-bao/", f"{root}cua/{camera.gates.get().pk}/",
    ]  # fmt: skip
    page = sign_in("quanly", root + f"cho/{camera.market.key}/", width=width)
    found = {}
    for path in paths:
        answer = page.goto(path)
        if path == address(camera):
            page.locator("[data-row=gate]:visible [data-row-pick]").click()  # handles are there, too
        result: Any = Axe().run(page, options=RULES).response
        broken = [f"{rule['id']}: {rule['nodes'][0]['html'][:160]}" for rule in result["violations"]]
        wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        small = page.evaluate(
            "[...document.querySelectorAll('main .button, main [data-tool]')].filter(b => b.offsetParent && "
            "(b.getBoundingClientRect().height < 44)).map(b => b.textContent.trim())"
        )
        problems = broken + (["scrolls sideways"] if wide else []) + [f"small: {text}" for text in small]
        if answer is None or answer.status != 200 or problems:
            found[path] = [str(answer and answer.status), *problems]
    assert found == {}
