"""Pages of the public shell."""

from django.http import HttpRequest, HttpResponse


def home(request: HttpRequest) -> HttpResponse:
    """Show the home page."""
    return HttpResponse("khcn")
