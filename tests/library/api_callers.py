"""Programs that call the API of the library in tests: a client with a token, and what it may be limited to."""

import json
from typing import Any

from django.test import Client
from django.utils import timezone

from khcn.core.api.tokens import token_create
from khcn.core.models import ApiToken

ROOT = "/api/v1/library"
ALL = ("library.read", "library.deposit")


class Program:
    """A program with a person's token (or without one)."""

    def __init__(self, user: Any = None, *scopes: str, unit: Any = None) -> None:
        self.headers: dict[str, str] = {}
        self.token: ApiToken | None = None
        if user is not None:
            self.token, whole = token_create(
                actor=user,
                user=user,
                name="Máy",
                scopes=scopes or ALL,
                now=timezone.now(),
                unit_id=unit.pk if unit else None,
            )
            self.headers = {"Authorization": f"Bearer {whole}"}
        self.client = Client()

    def get(self, path: str, status: int = 200, **headers: str) -> Any:
        """Read; return the body (None when empty) after checking the status."""
        return self.answer("get", path, status=status, headers=headers)[0]

    def send(self, method: str, path: str, body: Any = None, status: int = 200, **headers: str) -> Any:
        """Write JSON; return the body."""
        return self.answer(method, path, body, status=status, headers=headers)[0]

    def answer(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        status: int = 0,
        headers: dict[str, str] | None = None,
    ) -> tuple[Any, Any]:
        """Return (body, response). ``If_Match`` in ``headers`` stands for ``If-Match``."""
        named = {name.replace("_", "-"): value for name, value in (headers or {}).items()}
        extra: dict[str, Any] = {"headers": {**self.headers, **named}}
        if isinstance(body, bytes):
            extra |= {"data": body, "content_type": named.get("Content-Type", "application/x-ndjson")}
        elif body is not None:
            extra |= {"data": json.dumps(body), "content_type": "application/json"}
        response = getattr(self.client, method)(ROOT + path, **extra)
        read = (
            json.loads(response.content)
            if "json" in response.get("Content-Type", "") and not response.streaming
            else None
        )
        if status:
            assert response.status_code == status, (response.status_code, read)
        return read, response

    def upload(self, path: str, status: int = 202, **parts: Any) -> Any:
        """Send a form with files."""
        response = self.client.post(ROOT + path, parts, headers=self.headers)
        assert response.status_code == status, (response.status_code, response.content)
        return json.loads(response.content)
