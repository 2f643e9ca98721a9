"""Addresses of intake in the API; no slash at the end."""

from django.urls import path

from engagement.api import ideas

urlpatterns = [
    path("ideas", ideas.IdeaList.as_view(), name="api-ideas"),
    path("ideas/<slug:reference>", ideas.IdeaDetail.as_view(), name="api-idea"),
]
