"""The meeting kit: pages for a volunteer without an account, opened by a link that ends.

With script the lines are kept in the browser until the network is back; without, the same form sends them.
"""

import hashlib
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from engagement import links, services
from engagement.forms.choices import is_key
from engagement.forms.kits import HeadsForm, LineForm, LinesForm, WallForm
from engagement.models import Idea, MeetingLine, MeetingLink
from engagement.qr import qr_code
from engagement.views import limits
from engagement.views.forgery import without_cookies
from engagement.views.responses import SeeOther, private_page, refused
from engagement.workflow import IdeaState

POSTS_AN_HOUR = 2000
"""For one link: a hall full of people types fast."""

Page = tuple[LinesForm, HeadsForm, WallForm, LineForm | None, int]


def _found(pk: int, token: str) -> MeetingLink | None:
    """The living link that this address opens; a forged or ended one opens nothing."""
    found = MeetingLink.objects.select_related("meeting__call", "meeting__district").filter(pk=pk).first()
    return found if found is not None and links.opens_kit(found, token, timezone.now()) else None


def _ended(request: HttpRequest) -> HttpResponse:
    return private_page(request, "engagement/kit_ended.html", {}, status=404)


@without_cookies
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def kit(request: HttpRequest, pk: int, token: str) -> HttpResponse:
    link = _found(pk, token)
    if link is None:
        return JsonResponse({"ended": True}, status=404) if _by_script(request) else _ended(request)
    if request.method != "POST":
        return _page(request, link)
    if limits.over(request, "kit", POSTS_AN_HOUR, who=str(link.pk)):
        return JsonResponse({"wait": True}, status=429) if _by_script(request) else _wait(request, link)
    return _ACTIONS.get(request.POST.get("do", ""), _lines)(request, link)


def _wait(request: HttpRequest, link: MeetingLink) -> HttpResponse:
    """Too much by this link: from when it goes on, and the lines that were typed."""
    typed = {"lines": request.POST.get("lines", ""), "language": request.POST.get("language")}
    changed: dict[str, Any] = {}
    if request.POST.get("do") == "change":
        line = request.POST.get("line", "")
        changed = {"line_form": LineForm(request.POST), "failed_line": int(line) if is_key(line) else 0}
    return _page(request, link, 429, lines_form=LinesForm(initial=typed), goes_on=limits.goes_on(), **changed)


def _by_script(request: HttpRequest) -> bool:
    return request.headers.get("Accept") == "application/json"


def _page(request: HttpRequest, link: MeetingLink, status: int = 200, **forms_: Any) -> HttpResponse:
    lines = link.lines.select_related("idea").exclude(idea__state=IdeaState.WITHDRAWN).order_by("-pk")
    context = {
        "link": link,
        "meeting": link.meeting,
        "lines": lines,
        "lines_form": LinesForm(initial={"language": get_language()}),
        "heads_form": HeadsForm(initial={"count": link.head_count}),
        "wall_form": WallForm(),
        "photos": link.meeting.photos.count(),
        "path": links.kit_path(link, get_language()),
        "sheet": links.kit_path(link, get_language(), page="kit_sheet"),
        "done": request.GET.get("done", ""),
        **forms_,
    }
    return private_page(request, "engagement/kit.html", context, has_form=True, status=status)


def _back(link: MeetingLink, done: str) -> SeeOther:
    return SeeOther(f"{links.kit_path(link, get_language())}?done={done}")


def _lines(request: HttpRequest, link: MeetingLink) -> HttpResponse:
    form = LinesForm(request.POST)
    if form.is_valid():
        try:
            kept = [
                services.record_line(link=link, words=words, key=_key(form, words), at=timezone.now())
                for words in form.words(get_language() or "en")
            ]
        except services.Refused as error:
            refused(form, error)
        else:
            if _by_script(request):
                return JsonResponse({"kept": [_told(line) for line in kept]})
            return _back(link, "lines")
    if _by_script(request):
        return JsonResponse({"refused": [str(error) for error in form.errors.get("lines", [])]}, status=422)
    return _page(request, link, 422, lines_form=form)


def _key(form: LinesForm, words: services.LineWords) -> str:
    """What makes a line sent twice one idea: the browser's key together with the words."""
    key = form.cleaned_data["key"]
    return hashlib.sha256(f"{key}\x1f{words.problem}".encode()).hexdigest() if key else ""


def _told(line: MeetingLine) -> dict[str, Any]:
    return {"reference": line.idea.reference, "title": line.idea.public_title}


def _own_line(request: HttpRequest, link: MeetingLink) -> MeetingLine:
    typed = request.POST.get("line", "")
    lines = link.lines.select_related("idea__call", "link")
    return get_object_or_404(lines, pk=int(typed) if typed.isdecimal() else 0)


def _change(request: HttpRequest, link: MeetingLink) -> HttpResponse:
    line = _own_line(request, link)
    form = LineForm(request.POST)
    return _do(
        request,
        link,
        form,
        lambda: services.change_line(line=line, words=form.words(line.idea.language), at=timezone.now()),
        done="changed",
        failed={"line_form": form, "failed_line": line.pk},
    )


def _take_back(request: HttpRequest, link: MeetingLink) -> HttpResponse:
    line = _own_line(request, link)
    form = forms.Form(request.POST)
    return _do(
        request,
        link,
        form,
        lambda: services.take_back_line(line=line, at=timezone.now()),
        done="taken",
        failed={"line_form": form, "failed_line": line.pk},
    )


def _heads(request: HttpRequest, link: MeetingLink) -> HttpResponse:
    form = HeadsForm(request.POST)
    return _do(
        request,
        link,
        form,
        lambda: services.count_heads(link=link, count=form.cleaned_data["count"], at=timezone.now()),
        done="heads",
        failed={"heads_form": form},
    )


def _wall(request: HttpRequest, link: MeetingLink) -> HttpResponse:
    form = WallForm(request.POST, request.FILES)
    return _do(
        request,
        link,
        form,
        lambda: services.attach_wall_photo(
            link=link,
            photo=form.cleaned_data["photo"],
            rights_confirmed=form.cleaned_data["photo_rights"],
            at=timezone.now(),
        ),
        done="photo",
        failed={"wall_form": form},
    )


def _do(
    request: HttpRequest, link: MeetingLink, form: forms.Form, verb: Any, *, done: str, failed: dict[str, Any]
) -> HttpResponse:
    """Calls the service when the form is sound; else the page again, with what was typed."""
    if form.is_valid():
        try:
            verb()
        except services.Refused as error:
            refused(form, error)
        else:
            return _back(link, done)
    return _page(request, link, 422, **failed)


_ACTIONS = {"change": _change, "take_back": _take_back, "heads": _heads, "photo": _wall}


@never_cache
@require_safe
def kit_sheet(request: HttpRequest, pk: int, token: str) -> HttpResponse:
    """To print: the way to the invitation, and slips to tear off, each with a reference and its code."""
    link = _found(pk, token)
    if link is None:
        return _ended(request)
    call = link.meeting.call
    address = request.build_absolute_uri(reverse("engagement:call_detail", args=[call.slug]))
    lines = link.lines.select_related("idea").exclude(idea__state=IdeaState.WITHDRAWN)
    context = {
        "link": link,
        "meeting": link.meeting,
        "call_address": address if call.is_public else "",
        "qr": qr_code(address) if call.is_public else "",
        "track_address": request.build_absolute_uri(reverse("engagement:tracking_login")),
        "slips": [{"idea": line.idea, "code": _code(line.idea)} for line in lines],
        "path": links.kit_path(link, get_language()),
        "title": _("Sheet for the meeting"),
    }
    return private_page(request, "engagement/kit_sheet.html", context)


def _code(idea: Idea) -> str:
    return links.tracking_code(idea)
