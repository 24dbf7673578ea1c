"""Addresses of the area "oai": public ones below the library, those of the desk, and those at the root of the site."""

from django.urls import URLPattern, path

from khcn.library.views import oai

public: list[URLPattern] = []
desk: list[URLPattern] = []
root: list[URLPattern] = [
    path("oai", oai.oai, name="oai"),
    path("oai/khcn_legal.xsd", oai.legal_schema, name="oai-legal-schema"),
]
