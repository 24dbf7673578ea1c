"""Desk addresses of the area ``letters``, included by :mod:`khcn.programmes.desk_urls`."""

from django.urls import URLPattern, URLResolver, path

from khcn.programmes.views import letters

urlpatterns: list[URLPattern | URLResolver] = [
    path("<int:pk>/tin/", letters.letters, name="letters"),
    path("<int:pk>/tin/moi/", letters.letter_edit, name="letter-new"),
    path("<int:pk>/tin/<int:letter_pk>/", letters.letter, name="letter"),
    path("<int:pk>/tin/<int:letter_pk>/sua/", letters.letter_edit, name="letter-edit"),
]
