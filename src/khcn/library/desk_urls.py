"""Addresses of the library's desk."""

from django.urls import path

from khcn.library import area_urls
from khcn.library.views import desk, desk_deposit, desk_steps, desk_takedowns

app_name = "library-desk"
urlpatterns = [
    path("", desk.work_list, name="works"),
    path("xuat/<str:kind>/", desk.work_export, name="export"),
    path("gui/", desk_deposit.deposit, name="deposit"),
    path("moi/", desk_deposit.new_work, name="new"),
    path("dot/", desk_deposit.batch_list, name="batches"),
    path("dot/<int:pk>/", desk_deposit.batch, name="batch"),
    path("tai-lieu/<int:pk>/", desk.work_detail, name="work"),
    path("tai-lieu/<int:pk>/sua/", desk.work_edit, name="edit"),
    path("tai-lieu/<int:pk>/anh/<int:number>/", desk.work_image, name="image"),
    *area_urls.gathered("desk"),
    path("tai-lieu/<int:pk>/<slug:step>/", desk_steps.step, name="step"),
    path("go-bo/", desk_takedowns.takedown_list, name="takedowns"),
    path("go-bo/<int:pk>/", desk_takedowns.takedown_decision, name="takedown"),
]
