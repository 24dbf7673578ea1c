"""The database settings that a ``KHCN_DATABASE_URL`` stands for."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

# WAL lets readers go on while one writes; IMMEDIATE takes the write lock at BEGIN, so "read then write" waits
# for its turn instead of failing with "database is locked".
_SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; "
    "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-8000;"
)


def sqlite_database(path: Path) -> dict[str, Any]:
    """Return Django's settings for an SQLite file."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "CONN_MAX_AGE": 600,  # a new connection sees the newest statistics of PRAGMA optimize
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 30, "init_command": _SQLITE_PRAGMAS},
    }


def postgres_database(url: str) -> dict[str, Any]:
    """Return Django's settings for ``postgresql://user:password@host:port/name?option=value``."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ValueError(f"KHCN_DATABASE_URL must begin with postgresql://, got {parts.scheme}://")
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "khcn",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", None) or unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": query,
    }


def database_settings(url: str | None, data_dir: Path) -> dict[str, Any]:
    """Return the default database: PostgreSQL when ``url`` is set, else SQLite in ``data_dir``."""
    return postgres_database(url) if url else sqlite_database(data_dir / "db.sqlite3")
