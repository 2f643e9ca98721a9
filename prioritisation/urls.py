"""Public addresses of the funnel: plans and their initiatives."""

from django.urls import URLPattern, URLResolver

app_name = "prioritisation"

urlpatterns: list[URLPattern | URLResolver] = []
