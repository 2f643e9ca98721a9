"""Problem reports: find the service, say what is wrong and where, read what was done."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from engagement import links, services, tasks
from engagement.client import client_address
from engagement.forms.ideas import WORDS_LIMIT
from engagement.forms.place import PlaceFields
from engagement.forms.reports import DescribeForm, NearForm, ReportForm, ServiceSearchForm
from engagement.guessing import guess
from engagement.localized import localized
from engagement.models import Idea, Report, ReportService, going_on
from engagement.text import fold
from engagement.views import limits, me_too, persons
from engagement.views.forgery import browser_of, without_cookies
from engagement.views.responses import SeeOther, kept_for_going_back, refused
from engagement.views.sending import SENDS_AN_HOUR
from engagement.views.wording import promise, state_words, timeline
from engagement.workflow import ReportState

CARRIED = WORDS_LIMIT


def elsewhere(request: HttpRequest) -> HttpResponse:
    """The city takes problem reports somewhere else: the page says where, and takes none."""
    status = 403 if request.method == "POST" else 200
    return render(request, "engagement/report_elsewhere.html", status=status)


def _services() -> list[ReportService]:
    return list(ReportService.objects.filter(active=True))


def _said_of(service: ReportService) -> str:
    """Everything that is said of a service, in every language: what a search looks through."""
    texts = (*service.name.values(), *service.description.values(), *service.group.values(), service.keywords)
    return fold(" ".join(texts))


def _groups(found: list[ReportService]) -> dict[str, list[dict[str, Any]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for service in found:
        row = {"service": service, "words": _said_of(service)}
        groups.setdefault(localized(service.group), []).append(row)
    return groups


@without_cookies
@require_http_methods(["GET", "HEAD", "POST"])
def report_start(request: HttpRequest) -> HttpResponse:
    """Which kind of problem is it? Found by a word, by its group, or guessed out of a description."""
    if not settings.WINNOW_REPORTS_ENABLED:
        return elsewhere(request)
    every = _services()
    form = ServiceSearchForm(request.GET)
    # From the other door: what was typed there goes along, in the body, never in an address.
    carried = request.POST.get("problem", "")[:CARRIED]
    asked = form.cleaned_data["q"] if form.is_valid() else ""
    words = fold(asked).split()
    found = [service for service in every if all(word in _said_of(service) for word in words)]
    context = {"form": form, "asked": asked, "groups": _groups(found), "count": len(found)}
    described = DescribeForm(
        request.POST if request.method == "POST" and "carry" not in request.POST else None
    )
    if described.is_bound:
        carried = described.cleaned_data["description"] if described.is_valid() else ""
    if carried:
        by_code = {service.code: service for service in every}
        kinds = {code: _said_of(service) for code, service in by_code.items()}
        context["guessed"] = [by_code[code] for code in guess(carried, kinds)]
    context |= {"describe": described, "carried": carried}
    return render(request, "engagement/report_start.html", context, status=422 if described.errors else 200)


@without_cookies
@kept_for_going_back
@require_http_methods(["GET", "HEAD", "POST"])
def report_new(request: HttpRequest, code: str) -> HttpResponse:
    if not settings.WINNOW_REPORTS_ENABLED:
        return elsewhere(request)
    service = get_object_or_404(ReportService, code=code, active=True)
    if request.method != "POST" or "carry" in request.POST:
        carried = request.POST.get("description", "")[:CARRIED]
        return _form_page(request, service, ReportForm(service=service, initial={"description": carried}))
    form = ReportForm(request.POST, request.FILES, service=service)
    status = 422
    if form.is_valid():
        if not form.cleaned_data["similar_seen"] and (similar := _similar(service, form)):
            return _one_of_these(request, service, form, similar)
        if limits.over(request, "report", SENDS_AN_HOUR):
            form.add_error(None, limits.too_many_texts())
            status = 429
        elif answer := _send(request, service, form):
            return answer
    return _form_page(request, service, form, status)


def _similar(service: ReportService, form: PlaceFields) -> list[services.SimilarReport]:
    return services.similar_reports(service=service, place=form.place(), at=timezone.now())


def _one_of_these(
    request: HttpRequest, service: ReportService, form: ReportForm, similar: list[services.SimilarReport]
) -> HttpResponse:
    """Before it is written: is it one of these? All that was typed goes along, but for the photo."""
    ours = {"csrfmiddlewaretoken", "similar_seen"}
    typed = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in ours and not name.startswith("photo")
        for value in values
    ]
    context = {
        "service": service,
        "form": form,
        "similar": similar,
        "typed": typed,
        "photo_lost": bool(request.FILES.get("photo")),
        "expected": services.expected_day(service, timezone.now()),
    }
    return render(request, "engagement/report_similar_page.html", context)


@never_cache
@require_safe
def report_similar(request: HttpRequest, code: str) -> HttpResponse:
    """The same as a part of the form's page, for its script, once a place is known."""
    if not settings.WINNOW_REPORTS_ENABLED:
        raise Http404
    service = get_object_or_404(ReportService, code=code, active=True)
    form = NearForm(request.GET)
    similar = _similar(service, form) if form.is_valid() else []
    return render(request, "engagement/parts/similar_reports.html", {"similar": similar})


def _form_page(
    request: HttpRequest, service: ReportService, form: ReportForm, status: int = 200
) -> HttpResponse:
    expected = services.expected_day(service, timezone.now())
    context = {"service": service, "form": form, "expected": expected}
    return render(request, "engagement/report_new.html", context, status=status)


def _send(request: HttpRequest, service: ReportService, form: ReportForm) -> HttpResponse | None:
    at = timezone.now()
    draft = form.draft(get_language() or "en")
    try:
        report = services.submit_report(
            service=service,
            draft=draft,
            at=at,
            form_key=form.key_for(service.code, draft.description, browser=browser_of(request, at)),
            signs=form.signs(at, services.count_network(what="text", who=client_address(request), at=at)),
        )
        photo = form.cleaned_data.get("photo")
        if photo is not None and not report.photos.exists():
            services.attach_photo(
                record=report,
                photo=photo,
                caption=form.cleaned_data["photo_caption"],
                rights_confirmed=form.cleaned_data["photo_rights"],
                at=at,
            )
    except services.Refused as error:
        refused(form, error)
        return None
    tasks.nudge_mail()
    return SeeOther(f"{links.tracking_path(report, get_language())}?thanks=1")


@require_safe
def report_detail(request: HttpRequest, reference: str) -> HttpResponse:
    reports = Report.objects.public().select_related("service", "district").prefetch_related("photos")
    report = reports.filter(reference=reference).first()
    if report is None:
        return _as_idea(reference)
    return render(request, "engagement/report_detail.html", report_page(request, report))


def report_page(request: HttpRequest, report: Report) -> dict[str, Any]:
    """The public page of a report."""
    return {
        **report_context(report),
        **me_too.me_too_context(request, report),
        **persons.follow_context(request, report),
        "record": report,
        "promise": promise(report, timezone.now()),
    }


@never_cache
@require_POST
def report_me_too(request: HttpRequest, reference: str) -> HttpResponse:
    """The button "Me too", and "Take it back"."""
    if not settings.WINNOW_REPORTS_ENABLED:
        return elsewhere(request)
    shown = Report.objects.public().select_related("service", "district").prefetch_related("photos")
    report = get_object_or_404(shown, reference=reference)
    if limits.over(request, "me-too", me_too.PRESSES_AN_HOUR):
        return _me_too_refused(request, report, limits.too_many_presses(), 429)
    try:
        return me_too.press(request, report)
    except services.Refused as error:
        return _me_too_refused(request, report, str(error.message), 409)


def _me_too_refused(request: HttpRequest, report: Report, refusal: str, status: int) -> HttpResponse:
    context = {**report_page(request, report), "me_too_refusal": refusal}
    return render(request, "engagement/report_detail.html", context, status=status)


def _as_idea(reference: str) -> HttpResponse:
    """What was public as a problem report leads on to the idea that it became, once that is public."""
    was = Report.objects.filter(reference=reference, state=ReportState.AS_IDEA, service__private=False)
    idea = next((going_on(report) for report in was), None)
    if not isinstance(idea, Idea) or not idea.is_public:
        raise Http404
    return HttpResponseRedirect(links.public_path(idea, get_language()))


def report_context(report: Report) -> dict[str, Any]:
    """What both the public page and the private one show of a problem report."""
    return {"report": report, "words": state_words(report), "events": timeline(report.events.public())}
