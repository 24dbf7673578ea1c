"""The public list of units."""

from django.urls import path

from khcn.orgs import public_views

app_name = "units"
urlpatterns = [
    path("", public_views.unit_list, name="list"),
    path("<slug:key>/", public_views.unit_page, name="unit"),
]
