"""The page for people who program against the library is written from the document itself."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_it_names_every_operation_of_the_library_and_the_limits() -> None:
    document = Client().get("/api/v1/openapi.json").json()
    page = Client().get("/thu-vien/api/").content.decode()
    named = [
        f"<code>{method.upper()} {path.removeprefix('/api/v1')}</code>"
        for path, methods in document["paths"].items()
        for method in methods
        if path.startswith("/api/v1/library")
    ]
    assert len(named) > 20
    assert [one for one in named if one not in page] == []
    assert page.count("<pre") == 3 and "library.deposit" in page and '<script src="http' not in page


def test_the_document_is_whole() -> None:
    """Every operation is described, every parameter of the library too; a token may be left out where it says so."""
    document = Client().get("/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert set(document["components"]["securitySchemes"]) >= {"TokenAuth"}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation.get("description"), (method, path)
            assert "429" in operation["responses"], (method, path)
            if "/library/" in path and method == "get" and "/batches" not in path:
                assert {} in operation["security"], path
