"""The page of personal tokens in one's account, and the administrator's list of everybody's."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from khcn.core.api.tokens import LONGEST_LIFE, TokenError, api_scopes, scopes_open_to, tokens_visible_to
from khcn.core.errors import PermissionDeniedError
from khcn.core.models.api import ApiToken
from khcn.orgs.models import Unit, User
from khcn.orgs.permissions import can_manage_organisation
from khcn.orgs.selectors import memberships_of, own_unit_ids
from khcn.orgs.services.tokens import any_token_revoke, own_token_create

LIVES = ((30, gettext_lazy("30 ngày")), (90, gettext_lazy("90 ngày")), (180, gettext_lazy("180 ngày")),
         (LONGEST_LIFE.days, gettext_lazy("Một năm")))  # fmt: skip
PAGE_SIZE = 50


class TokenForm(forms.Form):
    """What a token is for, what it may do, for which unit and how long."""

    name = forms.CharField(
        label=gettext_lazy("Tên khóa"),
        max_length=100,
        help_text=gettext_lazy(
            "Khóa này dùng vào việc gì, để sau này bạn nhận ra. Ví dụ: Máy quét phòng văn thư."
        ),
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("Khóa được làm gì"), widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Chỉ chọn những quyền mà chương trình cần. Khóa không làm được gì hơn chính bạn."),
    )  # fmt: skip
    unit = forms.TypedChoiceField(
        label=gettext_lazy("Chỉ dùng cho đơn vị"), coerce=int, empty_value=None, required=False,
        help_text=gettext_lazy("Khóa của một đơn vị không đọc, không ghi được gì của đơn vị khác."),
    )  # fmt: skip
    days = forms.TypedChoiceField(label=gettext_lazy("Dùng trong"), coerce=int, choices=LIVES, initial=90)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = own_unit_ids(user, timezone.localdate())
        units = Unit.objects.filter(pk__in=held).alphabetical()
        fields: Any = self.fields
        fields["scopes"].choices = scopes_open_to(user)
        fields["unit"].choices = [("", _("Mọi đơn vị của bạn")), *((unit.pk, unit.name) for unit in units)]


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def own_tokens(request: HttpRequest) -> HttpResponse:
    """List one's own tokens; a POST makes one and shows it, this once."""
    user = _person(request)
    form, whole, made = TokenForm(request.POST or None, user=user), "", None
    if request.method == "POST" and form.is_valid():
        data, now = form.cleaned_data, timezone.now()
        try:
            made, whole = own_token_create(
                actor=user, name=data["name"], scopes=data["scopes"], unit_id=data["unit"], days=data["days"], now=now,
                today=timezone.localdate(now),
            )  # fmt: skip
        except TokenError as error:
            form.add_error(None, error.message)
        else:
            form = TokenForm(user=user)
    tokens = list(tokens_visible_to(user)[:PAGE_SIZE])
    context = {
        "form": form,
        "whole": whole,
        "made": made,
        "rows": token_rows(tokens),
        "can_see_all": can_manage_organisation(memberships_of(user, timezone.localdate())),
    }
    return render(request, "account/tokens.html", context)


@login_required
@never_cache
@require_safe
def all_tokens(request: HttpRequest) -> HttpResponse:
    """List everybody's tokens for the administrator: never what opens anything, only what they are for."""
    if not can_manage_organisation(memberships_of(_person(request), timezone.localdate())):
        raise PermissionDenied(_("Chỉ người quản trị hệ thống xem được khóa truy cập của mọi người."))
    tokens = ApiToken.objects.select_related("user").order_by("revoked_at", "-id")
    page = Paginator(tokens, PAGE_SIZE).get_page(request.GET.get("trang"))
    context = {"page": page, "rows": token_rows(list(page.object_list))}
    return render(request, "account/tokens_all.html", context)


@login_required
@require_POST
def token_off(request: HttpRequest, pk: int) -> HttpResponse:
    """Switch a token off for good: an own one, or anybody's for the administrator."""
    user, now = _person(request), timezone.now()
    token = ApiToken.objects.filter(pk=pk).first()
    if token is None:
        raise Http404
    try:
        done = any_token_revoke(actor=user, token=token, now=now, today=timezone.localdate(now))
    except PermissionDeniedError:
        raise Http404 from None  # nobody learns which numbers there are
    if done:
        messages.success(
            request,
            _("Đã thu hồi khóa “%(name)s”. Chương trình dùng khóa này dừng ngay.") % {"name": token.name},
        )
    else:
        messages.info(request, _("Khóa này đã được thu hồi từ trước."))
    return redirect("account_tokens" if token.user_id == user.pk else "account_tokens_all")


def token_rows(tokens: list[ApiToken]) -> list[dict[str, Any]]:
    """Return what the page shows of each token."""
    now = timezone.now()
    words = dict(api_scopes.items())
    names = dict(Unit.objects.filter(pk__in={token.unit_id for token in tokens}).values_list("pk", "name"))
    return [
        {
            "token": token,
            "scopes": [(key, str(words.get(key, key))) for key in token.scopes],
            "unit": names.get(token.unit_id or 0, ""),
            "state": (_("Đã thu hồi"), "bad")
            if token.revoked_at
            else ((_("Hết hạn"), "neutral") if token.expires_at <= now else (_("Đang dùng được"), "good")),
            "usable": token.revoked_at is None and token.expires_at > now,
        }
        for token in tokens
    ]


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101  # login_required; this tells the type checker
    return request.user
