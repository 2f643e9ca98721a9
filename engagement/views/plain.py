"""Pages that say what this site is, how it treats people's data, and the city's colour."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.translation import ngettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from engagement import services
from engagement.colour import city_css as style_sheet
from engagement.models import RetentionRule


@dataclass(frozen=True)
class Tested:
    """What the page on accessibility says was tested. A test holds it to what the tests do."""

    on: date
    widths: tuple[int, ...]
    """In CSS pixels; of the first only that nothing scrolls sideways."""


TESTED = Tested(on=date(2026, 11, 26), widths=(320, 360, 1280))


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "engagement/about.html")


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "engagement/privacy.html", {"kept": _kept()})


def _kept() -> list[dict[str, Any]]:
    """Every kind of personal data with how long it stays, out of the rules in force."""
    known = services.keepings()
    rules = RetentionRule.objects.filter(active=True, kind__in=known).order_by("days", "kind")
    return [{"what": known[rule.kind].label, "time": _time(rule.days)} for rule in rules]


def _time(days: int) -> str:
    years, rest = divmod(days, 365)
    if years and not rest:
        return ngettext("%(n)d year", "%(n)d years", years) % {"n": years}
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    days = settings.WINNOW_ACCESS_ANSWER_DAYS
    return render(request, "engagement/accessibility.html", {"tested": TESTED, "answer_days": days})


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
