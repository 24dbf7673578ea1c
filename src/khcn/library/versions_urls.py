"""Addresses of the area "versions": public ones below the library, those of the desk, and those at the root of the site."""

from django.urls import URLPattern, path, re_path

from khcn.library.views import desk_versions, versions

public: list[URLPattern] = [
    path("<slug:slug>-<int:pk>/ban-<int:number>/", versions.version_page, name="version"),
    path(
        "<slug:slug>-<int:pk>/ban-<int:number>/tep-<int:position>/",
        versions.version_file,
        name="version-file",
    ),
]
desk: list[URLPattern] = [path("tai-lieu/<int:pk>/ban/", desk_versions.work_versions, name="versions")]
# Both spellings of the ARK rules: "ark:/99999/..." and the newer "ark:99999/...".
root: list[URLPattern] = [re_path(r"^ark:/?(?P<rest>[^?#]{3,200})$", versions.ark_page, name="ark")]
