"""Public addresses of intake: invitations, ideas, problem reports, tracking pages."""

from django.urls import URLPattern, URLResolver

app_name = "engagement"

urlpatterns: list[URLPattern | URLResolver] = []
