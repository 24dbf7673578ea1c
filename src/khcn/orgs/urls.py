"""Desk pages of the organisation."""

from django.urls import path

from khcn.orgs import views

app_name = "orgs"
urlpatterns = [
    path("nguoi-dung/", views.people_list, name="people"),
    path("nguoi-dung/moi/", views.person_new, name="person-new"),
    path("nguoi-dung/<int:pk>/", views.person, name="person"),
    path("nguoi-dung/<int:pk>/vai-tro/", views.role_add, name="role-add"),
    path("nguoi-dung/<int:pk>/vai-tro/ket-thuc/", views.role_end, name="role-end"),
    path("nguoi-dung/<int:pk>/hoat-dong/", views.person_active, name="person-active"),
    path("nguoi-dung/<int:pk>/mat-khau/", views.person_password, name="person-password"),
    path("nguoi-dung/<int:pk>/mo-khoa/", views.person_unlock, name="person-unlock"),
    path("don-vi/", views.units, name="units"),
    path("don-vi/moi/", views.unit_new, name="unit-new"),
    path("don-vi/<slug:key>/", views.unit_edit, name="unit"),
    path("vang-mat/", views.absences, name="absences"),
    path("vang-mat/<int:pk>/huy/", views.absence_end, name="absence-cancel"),
    path("thong-tin-trang/", views.site_facts, name="site"),
]
