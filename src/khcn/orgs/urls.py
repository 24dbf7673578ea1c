"""Desk pages of the organisation."""

from django.urls import path

from khcn.orgs import decision_views, views

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
    path("don-vi/<slug:key>/lich-su/", decision_views.unit_history, name="unit-history"),
    path("quyet-dinh/", decision_views.decisions, name="decisions"),
    path("quyet-dinh/moi/", decision_views.decision_new, name="decision-new"),
    path("quyet-dinh/<int:pk>/", decision_views.decision, name="decision"),
    path("quyet-dinh/<int:pk>/rut/", decision_views.decision_take_back, name="decision-withdraw"),
    path("vang-mat/", views.absences, name="absences"),
    path("vang-mat/<int:pk>/huy/", views.absence_end, name="absence-cancel"),
    path("thong-tin-trang/", views.site_facts, name="site"),
]
