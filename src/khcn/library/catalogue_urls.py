"""Addresses of the area "catalogue": public ones below the library, those of the desk, and those at the root of the site."""

from django.urls import URLPattern, path

from khcn.library.views import authorities, catalogue, catalogue_public

public: list[URLPattern] = [
    path("tac-gia/", catalogue_public.author_list, name="authors"),
    path("tac-gia/<int:pk>/", catalogue_public.author_page, name="author"),
    path("chu-de/", catalogue_public.subject_index, name="subjects"),
    path("phan-loai/", catalogue_public.shelves, name="shelves"),
    path("phan-loai/<str:number>/", catalogue_public.shelf, name="shelf"),
]
desk: list[URLPattern] = [
    path("bien-muc/", catalogue.files, name="catalogue"),
    path("bien-muc/mau/", catalogue.template, name="catalogue-template"),
    path("bien-muc/xuat/<str:kind>/", catalogue.export, name="catalogue-export"),
    path("bien-muc/<int:pk>/", catalogue.file, name="catalogue-file"),
    path("ten/", authorities.name_list, name="names"),
    path("ten/goi-y/", authorities.suggestions, name="name-suggestions"),
    path("ten/<int:pk>/", authorities.name, name="name"),
    path("ten/<int:pk>/gop/", authorities.merge, name="name-merge"),
    path("ten/<int:pk>/tach/", authorities.split, name="name-split"),
]
root: list[URLPattern] = []
