"""Public addresses of intake: invitations, ideas, problem reports, tracking pages."""

from django.urls import URLPattern, URLResolver, path

from engagement.views import calls, ideas, photos, places, reports, sending, tracking

app_name = "engagement"

urlpatterns: list[URLPattern | URLResolver] = [
    path("ideas/", ideas.idea_list, name="idea_list"),
    path("ideas/<slug:reference>/", ideas.idea_detail, name="idea_detail"),
    path("ideas/<slug:reference>/support/", ideas.idea_support, name="idea_support"),
    path("calls/", calls.call_list, name="call_list"),
    path("calls/<slug:slug>/", calls.call_detail, name="call_detail"),
    path("calls/<slug:slug>/send/", sending.idea_new, name="idea_new"),
    path("districts.geojson", places.districts_geojson, name="districts_geojson"),
    path("track/", tracking.tracking_login, name="tracking_login"),
    path("t/<slug:reference>/<slug:token>/", tracking.tracking, name="tracking"),
    path("t/<slug:reference>/<slug:token>/correct/", tracking.tracking_correct, name="tracking_correct"),
    path("t/<slug:reference>/<slug:token>/withdraw/", tracking.tracking_withdraw, name="tracking_withdraw"),
    path("t/<slug:reference>/<slug:token>/erase/", tracking.tracking_erase, name="tracking_erase"),
    path("t/<slug:reference>/<slug:token>/photos/<int:pk>/", photos.tracking_photo, name="tracking_photo"),
    path("photos/<int:pk>/", photos.photo, name="photo"),
    path("reports/<slug:reference>/", reports.report_detail, name="report_detail"),
    path("report/", reports.report_start, name="report_start"),
    path("report/<slug:code>/", reports.report_new, name="report_new"),
]
