"""Desk addresses of the area ``plans``, included by :mod:`khcn.plan.desk_urls`."""

from django.urls import URLPattern, URLResolver, path

from khcn.plan.views import plans, plans_edit, plans_paper

urlpatterns: list[URLPattern | URLResolver] = [
    path("", plans.plan_list, name="plans"),
    path("nhap/", plans_edit.plan_bring, name="plan-bring"),
    path("<slug:key>/", plans.plan_page, name="plan"),
    path("<slug:key>/khac-biet/", plans.plan_difference, name="plan-difference"),
    path("<slug:key>/dieu-chinh/", plans_edit.plan_amending, name="plan-amend"),
    path("<slug:key>/van-ban/", plans_edit.head_edit, name="plan-head"),
    path("<slug:key>/docx/", plans_paper.plan_docx, name="plan-docx"),
    path("<slug:key>/xac-nhan/", plans_edit.confirm_page, name="plan-confirm"),
    path("<slug:key>/excel/", plans_edit.tasks_sheet, name="plan-sheet"),
    path("<slug:key>/tai/<slug:kind>/", plans.plan_export, name="plan-export"),
    path("<slug:key>/nhiem-vu-moi/", plans_edit.task_new, name="plan-task-new"),
    path("<slug:key>/nhiem-vu/<str:code>/", plans.task_page, name="plan-task"),
    path("<slug:key>/nhiem-vu/<str:code>/sua/", plans_edit.task_edit, name="plan-task-edit"),
]
