"""Desk addresses of training needs and records of officials and teachers, below ``/ban-lam-viec/boi-duong/``."""

from django.urls import URLPattern, URLResolver, path

from khcn.programmes.views import training as views
from khcn.programmes.views import training_own as own
from khcn.programmes.views import training_proposals as proposals
from khcn.programmes.views import training_roster as roster
from khcn.programmes.views import training_setup as setup
from khcn.programmes.views import training_surveys as surveys

app_name = "training-desk"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("cua-toi/", own.mine, name="mine"),
    path("tong-hop/", own.summary, name="summary"),
    path("danh-sach/", views.people, name="people"),
    path("danh-sach/them/", views.person_new, name="person-new"),
    path("danh-sach/gui/", roster.roster, name="roster"),
    path("danh-sach/gui/<int:pk>/", roster.roster_look, name="roster-look"),
    path("nguoi/<int:pk>/", views.person, name="person"),
    path("nguoi/<int:pk>/sua/", views.person_edit, name="person-edit"),
    path("nguoi/<int:pk>/ghi/", views.record_new, name="record-new"),
    path("ket-qua/", views.records, name="records"),
    path("ket-qua/<int:pk>/", views.record, name="record"),
    path("ket-qua/<int:pk>/giay/", views.evidence, name="evidence"),
    path("goi-y/", views.suggested, name="suggestions"),
    path("goi-y/gan/", views.link, name="link"),
    path("khao-sat/", surveys.surveys, name="surveys"),
    path("khao-sat/mo/", surveys.survey_new, name="survey-new"),
    path("khao-sat/<int:pk>/", surveys.survey, name="survey"),
    path("khao-sat/<int:pk>/tra-loi/<int:unit_id>/", surveys.answer, name="answer"),
    path("cu-di-hoc/", proposals.proposals, name="proposals"),
    path("cu-di-hoc/them/", proposals.proposal_new, name="proposal-new"),
    path("cu-di-hoc/<int:pk>/", proposals.proposal, name="proposal"),
    path("cu-di-hoc/<int:pk>/sua/", proposals.proposal_edit, name="proposal-edit"),
    path("cu-di-hoc/dot/<int:pk>/", proposals.batch, name="batch"),
    path("vi-tri/", setup.positions, name="positions"),
    path("vi-tri/them/", setup.position, name="position-new"),
    path("vi-tri/<int:pk>/", setup.position, name="position"),
    path("chu-de/", setup.topics, name="topics"),
    path("chu-de/them/", setup.topic, name="topic-new"),
    path("chu-de/<int:pk>/", setup.topic, name="topic"),
    path("chuong-trinh/<int:pk>/", setup.programme, name="programme"),
]
