"""Desk addresses of lessons: curricula, versions, adaptations, reports from schools, below ``/ban-lam-viec/bai-hoc/``."""

from django.urls import URLPattern, URLResolver, path

from khcn.programmes.views import curricula as views
from khcn.programmes.views import curricula_edit as edit
from khcn.programmes.views import curricula_runs as runs

app_name = "curricula-desk"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.lessons, name="lessons"),
    path("chuong-trinh/", views.curricula, name="curricula"),
    path("chuong-trinh/moi/", views.curriculum_new, name="curriculum-new"),
    path("chuong-trinh/<int:pk>/", views.curriculum, name="curriculum"),
    path("chuong-trinh/<int:pk>/bai-moi/", edit.lesson_new, name="lesson-new"),
    path("lan-day/", runs.runs, name="runs"),
    path("lan-day/<int:pk>/", runs.run, name="run"),
    path("phong-tac/<int:version_pk>/", views.fork, name="fork"),
    path("<int:pk>/", views.lesson, name="lesson"),
    path("<int:pk>/viec/", views.lesson_step, name="step"),
    path("<int:pk>/sua/", edit.lesson_edit, name="lesson-edit"),
    path("<int:pk>/cac-buoc/", edit.steps, name="steps"),
    path("<int:pk>/thiet-bi/", edit.equipment, name="equipment"),
    path("<int:pk>/thiet-bi/bang.xlsx", edit.equipment_sheet, name="equipment-sheet"),
    path("<int:pk>/tai-lieu/", edit.materials, name="materials"),
    path("<int:pk>/da-day/", runs.run_new, name="run-new"),
]
