"""The connection wizard: what device, where, a live test, a name."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from khcn.core.secrets import SealBrokenError
from khcn.energy.enums import DeviceKind, Driver, MeterRole, TestState
from khcn.energy.forms.wizard import AddressForm, DeviceForm, fields_as_text
from khcn.energy.models import ConnectionTest, Site
from khcn.energy.selectors.setup import collectors_for
from khcn.energy.selectors.wizard import (
    SCAN,
    Choice,
    address_words,
    choice_groups,
    choice_of,
    shown_spec,
    spec_of,
    test_of_site,
    test_page,
)
from khcn.energy.services.wizard import device_from_test, device_made, wizard_test
from khcn.energy.views.setup_base import Crumbs, at, connectors_only, crumbs, row_of, sent, site_of
from khcn.energy.views.setup_sites import GET_POST

WITHOUT_TEST = frozenset({Driver.PUSH, Driver.MANUAL, Driver.FILES})


def _way(site: Site, *pairs: tuple[str, str]) -> Crumbs:
    return crumbs((_("Kết nối thiết bị"), at("connect", site.key)), *pairs, site=site)


@login_required
@require_safe
def connect(request: HttpRequest, key: str) -> HttpResponse:
    """Step 1: what stands in front of the technician."""
    site = connectors_only(request, site_of(request, key))
    context = {
        "building": site,
        "groups": choice_groups(),
        "crumbs": crumbs((_("Kết nối thiết bị"), ""), site=site),
    }
    return render(request, "energy/setup/connect.html", context)


@login_required
@require_http_methods(GET_POST)
@never_cache
def connect_where(request: HttpRequest, key: str, what: str) -> HttpResponse:
    """Step 2: where it is; a POST asks for the live test. What cannot be tried goes on to its name."""
    site = connectors_only(request, site_of(request, key))
    choice = choice_of(what)
    if choice is None:
        raise Http404
    if choice.driver in WITHOUT_TEST:
        return _name_untested(request, site, choice)
    collectors = collectors_for(request.user)
    form = AddressForm(
        request.POST or None,
        choice=choice,
        collectors=collectors,
        initial=_earlier(request, site, choice) or _nearest(collectors, site),
    )
    if request.method == "POST" and form.is_valid():
        test = sent(
            form,
            lambda: wizard_test(
                actor=request.user,
                site=site,
                driver=choice.driver,
                template=choice.template,
                address=_address(request, site, form),
                options=form.options(),
                collector=form.cleaned_data.get("collector"),
                now=timezone.now(),
            ),
        )
        if test is not None:
            return redirect(at("test", test.pk))
    context = {
        "building": site,
        "choice": choice,
        "form": form,
        "crumbs": _way(site, (choice.title, "")),
    }
    return render(request, "energy/setup/connect_where.html", context)


def _nearest(collectors: Any, site: Site) -> dict[str, Any]:
    """Return the collector of the site's unit, when there is just one: devices are in its network."""
    rows = list(collectors.filter(unit_id=site.unit_id)[:2])
    return {"collector": rows[0].pk} if len(rows) == 1 else {}


def _again(request: HttpRequest, site: Site) -> ConnectionTest | None:
    again = request.GET.get("tu", "")
    known = again.isascii() and again.isdigit() and len(again) < 19
    return test_of_site(site, int(again)) if known else None


def _earlier(request: HttpRequest, site: Site, choice: Choice) -> dict[str, Any]:
    """Return what an earlier test tried, for "change the address"; never its password."""
    test = _again(request, site)
    if test is None:
        return {}
    spec = shown_spec(test)
    address = spec.get("address") or {}
    start = {**address, "rtu": address.get("framer") == "rtu", "collector": test.collector_id}
    options = spec.get("options") or {}
    if choice.template == "json":
        start["fields_text"] = fields_as_text(options)
    return {**start, "metric": options.get("metric"), "metric_unit": options.get("unit", "")}


def _address(request: HttpRequest, site: Site, form: AddressForm) -> dict[str, Any]:
    """Return the typed address, with the earlier test's password when the same broker is asked and none was typed."""
    address, test = form.address(), _again(request, site)
    if test is None or "password" in address or "password" not in form.fields:
        return address
    try:
        earlier = spec_of(test).get("address") or {}
    except SealBrokenError:
        return address
    same = all(earlier.get(name) == address.get(name) for name in ("host", "port", "username"))
    return {**address, "password": earlier["password"]} if same and earlier.get("password") else address


@login_required
@require_safe
@never_cache
def connect_test(request: HttpRequest, pk: int) -> HttpResponse:
    """Step 3: what the live test shows."""
    test: ConnectionTest = row_of(request, ConnectionTest, pk, "collector", "device")
    site = connectors_only(request, test.site)
    spec = shown_spec(test)
    choice = _choice_of_spec(spec, test)
    context = {
        "building": site,
        "page": test_page(test),
        "where": address_words(spec.get("address") or {}),
        "choice": choice,
        "can_name": test.state == TestState.PASSED
        or (test.state == TestState.FAILED and spec.get("driver") != SCAN),
        "crumbs": _way(site, (_("Thử kết nối"), "")),
    }
    return render(request, "energy/setup/connect_test.html", context)


def _choice_of_spec(spec: dict[str, Any], test: ConnectionTest) -> Choice | None:
    result = test.result if isinstance(test.result, dict) else {}
    driver, template = spec.get("driver"), spec.get("template")
    if driver == SCAN and result.get("ok"):
        return choice_of(str(result.get("key")))
    if driver == SCAN:
        return choice_of(SCAN)
    return choice_of(str(template or driver))


@login_required
@require_http_methods(GET_POST)
@never_cache
def connect_name(request: HttpRequest, pk: int) -> HttpResponse:
    """Step 4: name, what it measures, to which system it belongs; then its page shows the first readings."""
    test: ConnectionTest = row_of(request, ConnectionTest, pk, "collector", "device")
    site = connectors_only(request, test.site)
    if test.device_id is not None:
        return redirect(at("device", test.device_id))
    if test.state not in {TestState.PASSED, TestState.FAILED}:
        return redirect(at("test", pk))
    choice = _choice_of_spec(shown_spec(test), test)
    driver = choice.driver if choice else Driver.MODBUS
    identity = (test.result or {}).get("identity") or {}
    start = {
        **_usual(site, choice),
        "collector": test.collector_id,
        "serial": identity.get("serial", ""),
        "name": str(identity.get("model") or "")[:150] or _usual(site, choice)["name"],
    }
    form = _device_form(request, site, driver, start)
    if request.method == "POST" and form.is_valid():
        device = sent(
            form,
            lambda: device_from_test(actor=request.user, test=test, values=form.values(), now=timezone.now()),
        )
        if device is not None:
            messages.success(request, _("Đã thêm thiết bị. Số đọc đầu tiên sẽ hiện ở đây."))
            return redirect(at("device", device.pk))
    return _name_page(request, site, form, choice)


def _usual(site: Site, choice: Choice | None) -> dict[str, Any]:
    kind = choice.kind if choice else DeviceKind.OTHER
    systems = list(site.systems.all()[:2])
    roles = {DeviceKind.METER: MeterRole.GRID, DeviceKind.PLUG: MeterRole.LOAD}
    count = site.devices.filter(kind=kind).count() + 1
    return {
        "kind": kind,
        "role": roles.get(DeviceKind(kind), MeterRole.NONE),
        "system": systems[0].pk if len(systems) == 1 and kind == DeviceKind.INVERTER else None,
        "rated_kw": systems[0].ac_kw
        if len(systems) == 1 and kind == DeviceKind.INVERTER and count == 1
        else None,
        "kwp": systems[0].kwp if len(systems) == 1 and kind == DeviceKind.INVERTER and count == 1 else None,
        "name": f"{DeviceKind(kind).label} {count}",
        "poll_s": 60,
    }


def _device_form(request: HttpRequest, site: Site, driver: str, start: dict[str, Any]) -> DeviceForm:
    return DeviceForm(
        request.POST or None,
        systems=site.systems.all(),
        collectors=collectors_for(request.user),
        driver=driver,
        initial=start,
    )


def _name_page(request: HttpRequest, site: Site, form: DeviceForm, choice: Choice | None) -> HttpResponse:
    context = {
        "building": site,
        "form": form,
        "choice": choice,
        "crumbs": _way(site, (_("Đặt tên"), "")),
    }
    return render(request, "energy/setup/connect_name.html", context)


def _name_untested(request: HttpRequest, site: Site, choice: Choice) -> HttpResponse:
    """A device that sends by itself, files, or a person who reads the meter: only a name is needed."""
    form = _device_form(request, site, choice.driver, _usual(site, choice))
    if request.method == "POST" and form.is_valid():
        device = sent(
            form,
            lambda: device_made(
                actor=request.user,
                site=site,
                driver=choice.driver,
                template=choice.template,
                address={},
                options={},
                values=form.values(),
                now=timezone.now(),
            ),
        )
        if device is not None:
            messages.success(request, _("Đã thêm thiết bị. Làm tiếp theo hướng dẫn ở dưới."))
            return redirect(at("device", device.pk))
    return _name_page(request, site, form, choice)
