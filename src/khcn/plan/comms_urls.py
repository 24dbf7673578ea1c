"""Desk addresses of the area ``comms``, included by :mod:`khcn.plan.desk_urls`."""

from django.urls import URLPattern, URLResolver, path

from khcn.plan.views import comms, comms_campaigns, comms_events

urlpatterns: list[URLPattern | URLResolver] = [
    path("", comms.comms, name="comms"),
    path("ghi/", comms.outreach_new, name="outreach-new"),
    path("bang/", comms.comms_sheet, name="comms-sheet"),
    path("<int:pk>/", comms.outreach, name="outreach"),
    path("<int:pk>/anh/", comms.outreach_photo, name="outreach-photo"),
    path("dot/", comms_campaigns.campaigns, name="campaigns"),
    path("dot/moi/", comms_campaigns.campaign_new, name="campaign-new"),
    path("dot/<int:pk>/", comms_campaigns.campaign, name="campaign"),
    path("dot/<int:pk>/sua/", comms_campaigns.campaign_edit, name="campaign-edit"),
    path("dot/<int:pk>/nhan-so-lieu/", comms_campaigns.campaign_state, name="campaign-state"),
    path("dot/<int:pk>/bo-tai-lieu/", comms_campaigns.campaign_kit, name="campaign-kit"),
    path("tai-lieu/<int:pk>/", comms_campaigns.kit_file, name="kit-file"),
    path("loi-moi/", comms_events.events, name="events"),
    path("loi-moi/moi/", comms_events.event_new, name="event-new"),
    path("loi-moi/<int:pk>/", comms_events.event, name="event"),
    path("loi-moi/<int:pk>/sua/", comms_events.event_edit, name="event-edit"),
    path("loi-moi/<int:pk>/chuyen/", comms_events.event_pass_on, name="event-pass"),
    path("loi-moi/<int:pk>/ban-chup/", comms_events.event_scan, name="event-scan"),
    path("loi-moi/phan/<int:pk>/", comms_events.event_part, name="event-part"),
]
