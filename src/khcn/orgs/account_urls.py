"""Sign-in, second factor and password addresses."""

from django.urls import include, path

urlpatterns = [path("", include("allauth.urls"))]
