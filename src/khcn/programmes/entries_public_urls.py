"""Public addresses of the area ``entries``, included by :mod:`khcn.programmes.urls`."""

from django.urls import URLPattern, URLResolver, path

from khcn.programmes.views import entries_copy, entries_public, entries_team

urlpatterns: list[URLPattern | URLResolver] = [
    path("<slug:key>/the-le/", entries_public.rules, name="entries-rules"),
    path("<slug:key>/ket-qua/", entries_public.results, name="entries-results"),
    path("<slug:key>/trien-lam/", entries_public.showcase, name="entries-gallery"),
    path("<slug:key>/trien-lam/tep/<int:pk>/", entries_public.showcase_file, name="entries-gallery-file"),
    path("<slug:key>/doi/moi/", entries_team.team_new, name="entries-team-new"),
    path("<slug:key>/doi/<str:token>/", entries_team.team_page, name="entries-team"),
    path("<slug:key>/doi/<str:token>/viec/", entries_team.team_deed, name="entries-team-deed"),
    path("<slug:key>/doi/<str:token>/ten/", entries_team.team_edit, name="entries-team-edit"),
    path("<slug:key>/doi/<str:token>/nguoi/", entries_team.member_page, name="entries-member-new"),
    path("<slug:key>/doi/<str:token>/nguoi/<int:pk>/", entries_team.member_page, name="entries-member"),
    path("<slug:key>/doi/<str:token>/dong-y/<int:pk>/", entries_team.publish_page, name="entries-publish"),
    path("<slug:key>/doi/<str:token>/giay-dong-y/", entries_team.consent_forms, name="entries-consent-forms"),
    path(
        "<slug:key>/doi/<str:token>/bien-nhan/<int:number>/",
        entries_team.receipt_page,
        name="entries-receipt",
    ),
    path("<slug:key>/doi/<str:token>/tep/<int:pk>/", entries_team.team_file, name="entries-team-file"),
    path("<slug:key>/doi/<str:token>/du-lieu/", entries_copy.team_data, name="entries-team-data"),
    path("<slug:key>/doi/<str:token>/nhieu-doi/", entries_team.teams_sheet, name="entries-sheet"),
]
