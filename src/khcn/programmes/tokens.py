"""Secrets in addresses and tickets: made here, long enough that nobody guesses them, easy to read out where people must."""

import secrets
from typing import Final

READABLE: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no 0 O 1 I L U: told apart on paper and by telephone


def link_token() -> str:
    """Return the secret of a link: 192 bits."""
    return secrets.token_urlsafe(24)


def ticket_code(length: int = 12) -> str:
    """Return a code for a ticket or a certificate: ``length`` readable characters, about 4.9 bits each."""
    return "".join(secrets.choice(READABLE) for _ in range(length))


def clean_code(text: str) -> str:
    """Return what somebody typed as a code is kept: capitals, no blanks or dashes."""
    plain = "".join(char for char in text.upper() if char.isalnum())
    return plain[:64]
