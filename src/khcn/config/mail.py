"""The mail settings that ``KHCN_EMAIL_URL`` stands for."""

from typing import Any
from urllib.parse import unquote, urlsplit

from khcn.config.env import Env


def mail_settings(env: Env) -> tuple[str, dict[str, Any]]:
    """Return Django's mail backend and its settings; without a server, messages become files in the data folder."""
    if not env.email_url:
        return "django.core.mail.backends.filebased.EmailBackend", {
            "EMAIL_FILE_PATH": str(env.data_dir / "mail")
        }
    parts = urlsplit(env.email_url)
    if parts.scheme not in {"smtp", "smtps"}:
        raise ValueError(f"KHCN_EMAIL_URL must begin with smtp:// or smtps://, got {parts.scheme}://")
    secure = parts.scheme == "smtps"
    return "django.core.mail.backends.smtp.EmailBackend", {
        "EMAIL_HOST": parts.hostname or "localhost",
        "EMAIL_PORT": parts.port or (465 if secure else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": secure,
        "EMAIL_USE_TLS": not secure and bool(parts.username),
        "EMAIL_TIMEOUT": 20,
    }
