"""Every address: public pages under each language, the admin, the API."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from config.views import devmail, health
from engagement.views import plain
from prioritisation.views import home

handler400 = "config.views.errors.bad_request"
handler500 = "config.views.errors.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("healthz/web", health.web, name="healthz_web"),
    path("dev/mail/", include(devmail.urlpatterns)),
    path("city.css", plain.city_css, name="city_css"),
    path("favicon.ico", plain.favicon, name="favicon"),
    path("api/", include("config.api")),
    path("open311/", include("engagement.open311.urls")),
    *i18n_patterns(
        path("", home.home, name="home"),
        *([path("admin/account/", include("config.signon.urls"))] if settings.WINNOW_SIGNON else []),
        path("admin/", admin.site.urls),
        path("about/", plain.about, name="about"),
        path("privacy/", plain.privacy, name="privacy"),
        path("accessibility/", plain.accessibility, name="accessibility"),
        path("", include("engagement.urls")),
        path("", include("prioritisation.urls")),
        prefix_default_language=False,
    ),
]
