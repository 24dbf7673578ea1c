"""Desk addresses of the area ``contests``, included by :mod:`khcn.programmes.desk_urls`."""

from django.urls import URLPattern, URLResolver, path

from khcn.programmes.views import contests, contests_jury, contests_ranking

urlpatterns: list[URLPattern | URLResolver] = [
    path("cham-thi/", contests_jury.jury, name="jury"),
    path("cham-thi/<int:pk>/khai/", contests_jury.declare, name="jury-declare"),
    path("cham-thi/<int:pk>/tiep/", contests_jury.next_sheet, name="jury-next"),
    path("cham-thi/phieu/<int:pk>/", contests_jury.sheet, name="jury-sheet"),
    path("cham-thi/phieu/<int:pk>/xung-dot/", contests_jury.sheet_conflict, name="jury-conflict"),
    path("cham-thi/tep/<int:pk>/", contests_jury.entry_file, name="jury-file"),
    path("<int:pk>/cuoc-thi/", contests.hub, name="contest"),
    path("<int:pk>/the-le/", contests.rules, name="contest-rules"),
    path("<int:pk>/hoi-dong/", contests.council, name="contest-council"),
    path("<int:pk>/giai-doan/", contests.phases, name="contest-phases"),
    path("<int:pk>/phan-cong/", contests.assignment, name="contest-assignment"),
    path("<int:pk>/tien-do/", contests.progress, name="contest-progress"),
    path("<int:pk>/xep-hang/", contests_ranking.ranking, name="contest-ranking"),
    path("<int:pk>/ket-qua/", contests_ranking.result, name="contest-result"),
]
