"""Addresses of the area "viewer": public ones below the library, those of the desk, and those at the root of the site."""

from django.urls import URLPattern, path

from khcn.library.views import viewer, viewer_iiif

public: list[URLPattern] = [
    path("danh-dau/<int:pk>/<int:number>/", viewer.page_marks, name="page-marks"),
    path("iiif/<int:pk>/manifest.json", viewer_iiif.manifest_json, name="iiif-manifest"),
    path("iiif/<int:pk>/chu/<int:number>.json", viewer_iiif.text_json, name="iiif-text"),
    path("iiif/<int:pk>/tim/", viewer_iiif.search_json, name="iiif-search"),
    path("iiif/<int:pk>/anh/<int:number>", viewer_iiif.image_base, name="iiif-image"),
    path("iiif/<int:pk>/anh/<int:number>/info.json", viewer_iiif.info_json, name="iiif-info"),
    path(
        "iiif/<int:pk>/anh/<int:number>/full/<str:size>/0/default.<str:ending>",
        viewer_iiif.image_file,
        name="iiif-file",
    ),
]
desk: list[URLPattern] = []
root: list[URLPattern] = []
