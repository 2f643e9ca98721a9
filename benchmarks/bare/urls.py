"""The bare pages, then every page of Winnow."""

from django.urls import URLPattern, URLResolver, path

from benchmarks.bare import views
from config import urls

urlpatterns: list[URLPattern | URLResolver] = [
    path("bare/", views.rows, name="bare_rows"),
    path("bare/send/", views.send, name="bare_send"),
    path("bare/<slug:reference>/", views.row, name="bare_row"),
    *urls.urlpatterns,
]
