"""Addresses of the staff desk."""

from django.urls import path

from khcn.web import desk

app_name = "desk"
urlpatterns = [
    path("", desk.desk_home, name="home"),
    path("tin-nhan/", desk.message_list, name="messages"),
    path("tin-nhan/da-doc/", desk.message_read, name="message-read"),
    path("nhat-ky/", desk.audit_list, name="audit"),
    path("viec-nen/", desk.job_list, name="jobs"),
]
