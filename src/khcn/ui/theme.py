"""The reader's choice of light or dark, kept in a cookie that holds nothing else."""

from typing import Any, Final

COOKIE: Final = "khcn_theme"
CHOICES: Final = ("light", "dark", "auto")
COOKIE_SECONDS: Final = 365 * 24 * 3600


def theme_of(request: Any) -> str:
    """Return "light", "dark" or "auto" (as the device says); anything unknown in the cookie is "auto"."""
    choice = getattr(request, "COOKIES", {}).get(COOKIE, "auto")
    return choice if choice in CHOICES else "auto"
