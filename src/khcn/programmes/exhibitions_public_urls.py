"""Public addresses of the area ``exhibitions``, included by :mod:`khcn.programmes.urls`."""

from django.urls import URLPattern, URLResolver, path

from khcn.programmes.views import exhibitions_own as own
from khcn.programmes.views import exhibitions_public as views

urlpatterns: list[URLPattern | URLResolver] = [
    path("trung-bay/anh/<int:pk>/", views.exhibition_picture, name="exhibition-picture"),
    path("trung-bay/so-do/<int:pk>/", views.exhibition_plan_picture, name="exhibition-plan-picture"),
    path("trung-bay/lien-he/<str:token>/", views.exhibition_contact, name="exhibition-contact"),
    path("trung-bay/<str:token>/san-pham/", own.exhibitor_product, name="exhibitor-product-new"),
    path("trung-bay/<str:token>/san-pham/<int:pk>/", own.exhibitor_product, name="exhibitor-product"),
    path("trung-bay/<str:token>/", own.exhibitor_own, name="exhibitor-own"),
    path("<slug:key>/trung-bay/", views.exhibition, name="exhibition"),
    path("<slug:key>/trung-bay/dang-ky/", views.exhibition_apply, name="exhibition-apply"),
    path("<slug:key>/trung-bay/<slug:one>/", views.exhibition_one, name="exhibition-one"),
]
