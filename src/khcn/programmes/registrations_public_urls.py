"""Public addresses of the area ``registrations``, included by :mod:`khcn.programmes.urls`."""

from django.urls import URLPattern, URLResolver, path

from khcn.programmes.views import registrations_group as group
from khcn.programmes.views import registrations_person as person
from khcn.programmes.views import registrations_public as public

urlpatterns: list[URLPattern | URLResolver] = [
    path("dang-ky/doan/<str:token>/", group.group, name="group"),
    path("dang-ky/doan/<str:token>/mau/", group.template, name="group-template"),
    path("dang-ky/doan/<str:token>/nguoi/<int:pk>/", group.one, name="group-person"),
    path("dang-ky/doan/<str:token>/in/", group.printed, name="group-print"),
    path("dang-ky/<str:token>/", person.registration, name="registration"),
    path("dang-ky/<str:token>/du-lieu/", person.my_data, name="my-data"),
    path("<slug:key>/dang-ky/", public.register, name="register"),
    path("<slug:key>/dang-ky/doan/", public.register_group, name="register-group"),
]
