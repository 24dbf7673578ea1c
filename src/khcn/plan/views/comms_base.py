"""What every page of communication work begins with: who comes in, what a refusal says, what lists were asked for."""

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.forms import BaseForm
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.core.private_files import FileRefusedError
from khcn.plan.enums import Channel
from khcn.plan.permissions import Reach, reach_of
from khcn.plan.selectors.comms import Asked
from khcn.plan.views.progress_access import number_in
from khcn.ui.parts import Tab

T = TypeVar("T")


def comms_page(request: HttpRequest) -> Reach:
    """Return the person's reach; 403 for roles that have nothing to do with it."""
    reach = reach_of(request.user)
    if not reach.plans:
        raise PermissionDenied(
            _("Vai trò của bạn không dùng phần tuyên truyền. Hãy hỏi người quản trị nếu bạn cần.")
        )
    return reach


def officers_page(request: HttpRequest) -> Reach:
    """Return the reach of a focal officer; 403 for everybody else."""
    reach = comms_page(request)
    if not reach.officer:
        raise PermissionDenied(_("Trang này dành cho chuyên viên của đơn vị đầu mối."))
    return reach


def into(form: BaseForm, write: Callable[[], T]) -> T | None:
    """Call a service; what it refuses becomes an error of the form at its field, and ``None`` comes back."""
    try:
        return write()
    except PermissionDeniedError as error:
        raise PermissionDenied(error.message) from error
    except FileRefusedError as error:
        names = [name for name in ("photo", "scan", "file") if name in form.fields]
        form.add_error(names[0] if names else None, error.message)
    except KhcnError as error:
        field = getattr(error, "field", "") or error.code.removeprefix("evidence-")
        form.add_error(field if field in form.fields else None, error.message)
    return None


def day_in(text: str | None) -> date | None:
    """Return a day in an address, or ``None``."""
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None


def asked_in(query: QueryDict) -> Asked:
    """Return what a list was asked for; nonsense asks for nothing."""
    channel = query.get("hinh-thuc", "")
    return Asked(
        unit=number_in(query.get("don-vi")),
        campaign=number_in(query.get("dot")),
        channel=channel if channel in Channel.values else "",
        since=day_in(query.get("tu")),
        until=day_in(query.get("den")),
    )


def tabs(current: str, waiting: int = 0) -> list[Tab]:
    """Return the three parts of communication work."""
    rows: list[tuple[str, str, Any]] = [
        ("comms", _("Việc đã làm"), None),
        ("campaigns", _("Các đợt"), None),
        ("events", _("Lời mời của nơi khác"), waiting or None),
    ]
    return [
        Tab(label=label, url=reverse(f"plan-desk:{name}"), current=name == current, count=count)
        for name, label, count in rows
    ]
