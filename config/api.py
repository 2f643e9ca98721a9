"""The addresses of API v1, and its documentation."""

from django.urls import URLPattern, URLResolver, include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from engagement.api.base import NotThere, PublicView


class Schema(PublicView, SpectacularAPIView):
    """The description of this API (OpenAPI 3)."""


urlpatterns: list[URLPattern | URLResolver] = [
    path(
        "docs",
        SpectacularSwaggerSplitView.as_view(url_name="api-schema", template_name="api_docs.html"),
        name="api-docs",
    ),
    path("v1/schema", Schema.as_view(), name="api-schema"),
    path("v1/", include("engagement.api.urls")),
    path("v1/", include("prioritisation.api.urls")),
    re_path(r"^v1(/[\s\S]*)?$", NotThere.as_view()),
]
