"""The admin site: Django's own, under the city's name, with our pages that belong to no one model."""

from typing import Any
from urllib.parse import urlencode

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _

from engagement import desk_pages


class WinnowAdminSite(admin.AdminSite):
    site_header = _("Winnow")
    site_title = _("Winnow")
    index_title = _("Desk")
    enable_nav_sidebar = False

    def get_urls(self) -> Any:
        ours = [path(page.route, self.admin_view(page.view), name=page.name) for page in desk_pages.pages]
        return [*ours, *super().get_urls()]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Any:
        """Django's list of models, each app with its pages of ours first."""
        found: list[Any] = list(super().get_app_list(request, app_label))
        if self.has_permission(request):
            for link in desk_pages.links:
                if app_label in (None, link.app_label) and link.shown(request):
                    self._app(found, link.app_label)["models"].insert(0, self._line(link))
        return found

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """With the sign-on extra there is one door only: the one that asks for the second factor too."""
        if settings.WINNOW_SIGNON:
            onward = request.GET.get(REDIRECT_FIELD_NAME) or reverse(f"{self.name}:index")
            query = urlencode({REDIRECT_FIELD_NAME: onward})
            return HttpResponseRedirect(f"{reverse('account_login')}?{query}")
        return super().login(request, extra_context)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """What waits for the person who signed in, then the lists that they may see."""
        desk = {"desk": True, "cards": desk_pages.cards(request)}
        return super().index(request, {**desk, **(extra_context or {})})

    def _app(self, found: list[Any], app_label: str) -> Any:
        for app in found:
            if app["app_label"] == app_label:
                return app
        app = {
            "name": apps.get_app_config(app_label).verbose_name,
            "app_label": app_label,
            "app_url": reverse(f"{self.name}:index"),
            "has_module_perms": True,
            "models": [],
        }
        found.append(app)
        return app

    def _line(self, link: desk_pages.DeskLink) -> dict[str, Any]:
        return {
            "name": link.label,
            "object_name": link.page,
            "admin_url": reverse(f"{self.name}:{link.page}"),
            "add_url": None,
            "view_only": True,
            "perms": {},
        }
