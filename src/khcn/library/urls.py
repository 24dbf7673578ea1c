"""Public addresses of the library. A work's number never changes; the words before it may."""

from django.urls import path

from khcn.library import area_urls
from khcn.library.views import files, lists, search, takedown, viewer, works

app_name = "library"
urlpatterns = [
    path("", lists.library_home, name="home"),
    path("tim/", search.search_page, name="search"),
    path("goi-y/", search.suggestions, name="suggestions"),
    path("moi/", lists.recent_page, name="recent"),
    path("bo-suu-tap/<slug:key>/", lists.collection_page, name="collection"),
    path("chu-de/<slug:key>/", lists.subject_page, name="subject"),
    path("danh-cho/<slug:key>/", lists.audience_page, name="audience"),
    path("anh/<int:pk>/", files.thumbnail, name="thumbnail"),
    path("anh/<int:pk>/<int:number>/<int:width>/", files.page_image, name="page-image"),
    path("tep/<int:pk>/<int:file_pk>/", files.file_download, name="file"),
    path("go-bo/<int:pk>/", takedown.takedown_form, name="takedown"),
    *area_urls.gathered("public"),
    path("<slug:slug>-<int:pk>/", works.work_page, name="work"),
    path("<slug:slug>-<int:pk>/trang-<int:number>/", viewer.reader_page, name="page"),
]
