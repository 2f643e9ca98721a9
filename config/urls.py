"""Every address: public pages under each language, the admin, the API."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    *i18n_patterns(
        path("admin/", admin.site.urls),
        path("", include("engagement.urls")),
        path("", include("prioritisation.urls")),
        prefix_default_language=False,
    ),
]
