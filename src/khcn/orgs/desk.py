"""What every desk page of ``orgs`` does alike: let the right people in, show errors in the form."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Concatenate, ParamSpec, TypeAlias

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.orgs.models import User, memberships_of
from khcn.orgs.permissions import Memberships

P = ParamSpec("P")
View: TypeAlias = Callable[Concatenate[HttpRequest, P], HttpResponse]


def actor_of(request: HttpRequest) -> User:
    """Return the signed-in person."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def desk_page(allowed: Callable[[Memberships], bool]) -> Callable[[View[P]], View[P]]:
    """Let in signed-in people whose roles of today satisfy ``allowed``; tell the others why not."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def inner(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not allowed(memberships_of(actor_of(request), timezone.localdate())):
                raise PermissionDenied(
                    _("Vai trò của bạn không mở được trang này. Hãy hỏi người quản trị hệ thống.")
                )
            try:
                return view(request, *args, **kwargs)
            except PermissionDeniedError as error:
                raise PermissionDenied(error.message) from error

        return login_required(inner)

    return decorate


@contextmanager
def errors_into(form: BaseForm) -> Iterator[None]:
    """Turn what a service refuses into errors of the form, at the field where it belongs."""
    try:
        yield
    except PermissionDeniedError:
        raise
    except KhcnError as error:
        form.add_error(None, error.message)
    except ValidationError as error:
        if not hasattr(error, "error_dict"):
            form.add_error(None, error)
            return
        for field, found in error.error_dict.items():
            form.add_error(field if field in form.fields else None, found)
