"""Addresses of the set-up of cameras, in the name space ``markets-desk``."""

from django.urls import URLPattern, URLResolver, path

from khcn.markets.views import (
    setup_cameras,
    setup_layout,
    setup_markets,
    setup_previews,
    setup_reviews,
    setup_tests,
    setup_venues,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", setup_markets.market_list, name="setup-markets"),
    path("cho-moi/", setup_venues.market_new, name="setup-market-new"),
    path("may/", setup_markets.box_list, name="setup-boxes"),
    path("may/moi/", setup_markets.box_new, name="setup-box-new"),
    path("may/<int:pk>/", setup_markets.box_page, name="setup-box"),
    path("cho/<slug:key>/", setup_markets.market_home, name="setup-market"),
    path("cho/<slug:key>/thong-tin/", setup_venues.market_edit, name="setup-market-edit"),
    path("cho/<slug:key>/camera-moi/", setup_cameras.camera_new, name="setup-camera-new"),
    path("camera/<int:pk>/", setup_cameras.camera_page, name="setup-camera"),
    path("camera/<int:pk>/sua/", setup_cameras.camera_edit, name="setup-camera-edit"),
    path("camera/<int:pk>/bang-thong-bao/", setup_cameras.camera_sign, name="setup-sign"),
    path("camera/<int:pk>/anh-nen/", setup_cameras.still_image, name="setup-still"),
    path("camera/<int:pk>/anh-nen/lam/", setup_cameras.still_make, name="setup-still-make"),
    path("camera/<int:pk>/ve/", setup_layout.layout_edit, name="setup-layout"),
    path("camera/<int:pk>/ban-ve/", setup_layout.version_list, name="setup-versions"),
    path("camera/<int:pk>/ban-ve/<int:version>/", setup_layout.version_show, name="setup-version"),
    path("camera/<int:pk>/thu/", setup_tests.clip_list, name="setup-clips"),
    path("camera/<int:pk>/dem/", setup_tests.clicker, name="setup-clicker"),
    path("camera/<int:pk>/dem/so-lieu/", setup_tests.clicker_counts, name="setup-clicker-counts"),
    path("camera/<int:pk>/xem/", setup_previews.preview, name="setup-preview"),
    path("camera/<int:pk>/xem/anh/", setup_previews.preview_image, name="setup-preview-image"),
    path("doan/<int:pk>/", setup_tests.clip_page, name="setup-clip"),
    path("khu/<int:pk>/sap/", setup_layout.zone_stalls, name="setup-stalls"),
    path("cua/<int:pk>/", setup_reviews.gate_reviews, name="setup-gate"),
    path("cua/<int:pk>/gio/<str:stamp>/", setup_reviews.hour_review, name="setup-review"),
    path("anh-vet/<int:pk>/", setup_reviews.slit_scan_image, name="setup-slit-scan"),
]
