"""The admin site: Django's own, under the city's name."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class WinnowAdminSite(admin.AdminSite):
    site_header = _("Winnow")
    site_title = _("Winnow")
    index_title = _("Desk")
    enable_nav_sidebar = False

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return super().each_context(request)
