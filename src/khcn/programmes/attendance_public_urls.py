"""Public addresses of the area ``attendance``, included by :mod:`khcn.programmes.urls`."""

from django.urls import URLPattern, URLResolver, path

from khcn.programmes.views import attendance_gate as views

urlpatterns: list[URLPattern | URLResolver] = [
    path("diem-danh/<str:token>/", views.gate, name="check-in"),
    path("diem-danh/<str:token>/gui/", views.gate_sync, name="check-in-sync"),
    path("diem-danh/<str:token>/may.js", views.gate_worker, name="check-in-worker"),
]
