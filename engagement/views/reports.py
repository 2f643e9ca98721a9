"""Problem reports: find the service, say what is wrong and where, read what was done."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from engagement import links, services, tasks
from engagement.forms.reports import ReportForm, ServiceSearchForm
from engagement.localized import localized
from engagement.models import Idea, Report, ReportService, going_on
from engagement.text import fold
from engagement.views.responses import SeeOther, refused
from engagement.views.sending import too_many, too_many_words
from engagement.views.wording import promise, state_words, timeline
from engagement.workflow import ReportState


def _elsewhere(request: HttpRequest) -> HttpResponse:
    """The city takes problem reports somewhere else: the page says where, and takes none."""
    status = 403 if request.method == "POST" else 200
    return render(request, "engagement/report_elsewhere.html", status=status)


def _found(words: str) -> list[ReportService]:
    """Active services whose name, description or keywords (in any language) hold every word."""
    every = ReportService.objects.filter(active=True)
    asked = fold(words).split()
    if not asked:
        return list(every)
    return [service for service in every if all(word in _said_of(service) for word in asked)]


def _said_of(service: ReportService) -> str:
    texts = (*service.name.values(), *service.description.values(), *service.group.values(), service.keywords)
    return fold(" ".join(texts))


@require_http_methods(["GET", "HEAD", "POST"])
def report_start(request: HttpRequest) -> HttpResponse:
    if not settings.WINNOW_REPORTS_ENABLED or request.method == "POST":
        return _elsewhere(request)
    form = ServiceSearchForm(request.GET)
    asked = form.cleaned_data["q"] if form.is_valid() else ""
    found = _found(asked)
    groups: dict[str, list[ReportService]] = {}
    for service in found:
        groups.setdefault(localized(service.group), []).append(service)
    context = {"form": form, "asked": asked, "groups": groups, "count": len(found)}
    return render(request, "engagement/report_start.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report_new(request: HttpRequest, code: str) -> HttpResponse:
    if not settings.WINNOW_REPORTS_ENABLED:
        return _elsewhere(request)
    service = get_object_or_404(ReportService, code=code, active=True)
    if request.method != "POST":
        return _form_page(request, service, ReportForm(service=service))
    form = ReportForm(request.POST, request.FILES, service=service)
    status = 422
    if form.is_valid():
        if too_many(request, "report"):
            form.add_error(None, too_many_words())
            status = 429
        elif answer := _send(service, form):
            return answer
    return _form_page(request, service, form, status)


def _form_page(
    request: HttpRequest, service: ReportService, form: ReportForm, status: int = 200
) -> HttpResponse:
    return render(request, "engagement/report_new.html", {"service": service, "form": form}, status=status)


def _send(service: ReportService, form: ReportForm) -> HttpResponse | None:
    at = timezone.now()
    draft = form.draft(get_language() or "en")
    try:
        report = services.submit_report(
            service=service,
            draft=draft,
            at=at,
            form_key=form.key_for(service.code, draft.description),
            held="looks automatic" if form.looks_automatic(at) else "",
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
    context = {**report_context(report), "promise": promise(report, timezone.now())}
    return render(request, "engagement/report_detail.html", context)


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
