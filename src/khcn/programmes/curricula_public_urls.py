"""Public addresses of lessons: curricula, versions, sheets, packages, below ``/bai-hoc/``."""

from django.urls import URLPattern, URLResolver, path, re_path

from khcn.programmes.views import curricula_public as views

app_name = "curricula"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.lessons, name="lessons"),
    path("chuong-trinh/", views.curricula, name="curricula"),
    path("chuong-trinh/<slug:key>/", views.curriculum, name="curriculum"),
    path("chuong-trinh/<slug:key>/goi.imscc", views.curriculum_package, name="curriculum-package"),
    path("<slug:key>/", views.lesson, name="lesson"),
    path("<slug:key>/phien-ban/<int:number>/", views.lesson, name="version"),
    path("<slug:key>/so-sanh/", views.compare, name="compare"),
    path("<slug:key>/goi.imscc", views.lesson_package, name="lesson-package"),
    re_path(
        r"^(?P<key>[-a-zA-Z0-9_]+)/(?P<who>giao-vien|hoc-sinh)\.(?P<kind>docx|pdf)$",
        views.sheet,
        name="sheet",
    ),
]
