"""Addresses of the area "saved": public ones below the library, those of the desk, and those at the root of the site."""

from django.urls import URLPattern, path

from khcn.library.views import saved, saved_desk, saved_exports

public: list[URLPattern] = [
    path("luu-lan-tim/", saved.save_search, name="save-search"),
    path("nhan-tin/xac-nhan/<str:token>/", saved.confirm, name="alert-confirm"),
    path("nhan-tin/huy/<str:token>/", saved.leave, name="alert-leave"),
    path("xuat/", saved_exports.export, name="export"),
    path("xuat/<int:pk>/", saved_exports.export_file, name="export-file"),
]
desk: list[URLPattern] = [
    path("lan-tim/", saved_desk.saved_list, name="saved"),
    path("lan-tim/<int:pk>/", saved_desk.saved_search, name="saved-search"),
    path("xuat-danh-sach/", saved_exports.desk_export, name="export-columns"),
]
root: list[URLPattern] = []
