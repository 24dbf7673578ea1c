"""Desk addresses of the area ``attendance``, included by :mod:`khcn.programmes.desk_urls`."""

from django.urls import URLPattern, URLResolver, path

from khcn.programmes.views import attendance as views

urlpatterns: list[URLPattern | URLResolver] = [
    path("<int:pk>/diem-danh/", views.attendance, name="attendance"),
    path("<int:pk>/diem-danh/nguong/", views.threshold, name="attendance-threshold"),
    path("<int:pk>/diem-danh/ma-qr/", views.qr_sheet, name="attendance-qr"),
    path("<int:pk>/diem-danh/<int:number>/", views.session_page, name="attendance-session"),
    path("<int:pk>/diem-danh/<int:number>/in/", views.paper_list, name="attendance-paper"),
    path("<int:pk>/diem-danh/<int:number>/tep/", views.sheet, name="attendance-sheet"),
]
