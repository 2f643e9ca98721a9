"""Pages that say what this site is, how it treats people's data, and the city's colour."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.templatetags.static import static
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from engagement.colour import city_css as style_sheet


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "engagement/about.html")


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "engagement/privacy.html")


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "engagement/accessibility.html")


@require_safe
@cache_control(public=True, max_age=3600)
def city_css(request: HttpRequest) -> HttpResponse:
    """The accent colour as custom properties, for site.css: no inline style is ever needed."""
    return HttpResponse(style_sheet(settings.WINNOW_ACCENT), content_type="text/css; charset=utf-8")


@require_safe
@cache_control(public=True, max_age=86400)
def favicon(request: HttpRequest) -> HttpResponse:
    """Browsers ask here when a page names no icon: a photo, a file, the API."""
    return HttpResponseRedirect(static("favicon.svg"))
