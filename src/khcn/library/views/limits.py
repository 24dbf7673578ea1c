"""How far visitors may go into lists and combinations of filters: as far as people go, not as far as robots.

Every page deeper costs more and every filter multiplies the addresses; who needs everything has OAI-PMH, the API, feeds
and exports, which cost little. People who signed in are not stopped.
"""

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from khcn.core.gate import finish
from khcn.ui.paging import MAX_PAGE

MAX_CHOSEN = 6  # filters of one search, over all facets


def too_far(
    request: HttpRequest, *, filters: Iterable[str] = (), most: int = MAX_PAGE
) -> HttpResponse | None:
    """Return the page that says what to do instead, or None when the request is within what people ask for.

    :param filters: names of the filters in the address. :param most: the deepest page of this list.
    """
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return None
    number = request.GET.get("trang", "")
    deep = number.isascii() and number.isdigit() and (len(number) > 6 or int(number) > most)
    many = sum(len(request.GET.getlist(name)) for name in filters) > MAX_CHOSEN
    if not (deep or many):
        return None
    context = {
        "deep": deep,
        "most_pages": most,
        "most_filters": MAX_CHOSEN,
        "search_url": reverse("library:search"),
        "oai_url": reverse("library-root:oai"),
        "sign_in_url": reverse("account_login"),
    }
    response = render(request, "library/limits.html", context, status=403)
    return finish(response)
