"""The private pages of who sent something: what happened, and what they may still do."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from engagement import links, services
from engagement.forms.ideas import CorrectionForm
from engagement.forms.tracking import EraseForm, FixedForm, TrackingLoginForm
from engagement.models import Erasure, Event, Idea, Report, appeal_window, going_on, other_half
from engagement.tracking import matches, normal_code
from engagement.views import limits
from engagement.views.forgery import without_cookies
from engagement.views.ideas import idea_context
from engagement.views.records import find
from engagement.views.reports import report_context
from engagement.views.responses import SeeOther, private_page, refused
from engagement.views.wording import promise, state_words, why_not_listed, why_read_first
from engagement.workflow import IDEA_MOVES, REPORT_MOVES, RESIDENT, IdeaState, allowed

TRIES = 10
TRIES_WINDOW = 15 * 60


def held_by(reference: str, token: str) -> Idea | Report:
    """The record that this private link opens; 404 for any other, known or not.

    Of an idea that is a problem report, or the other way round, it is the one that goes on.
    """
    record = find(reference)
    if record is None or not matches(links.tracking_token(record), token):
        raise Http404
    return going_on(record)


def own_path(record: Idea | Report, page: str = "tracking") -> str:
    """The private page in the language that is being read, whatever the sender wrote in."""
    return links.tracking_path(record, get_language(), page)


def _may(record: Idea | Report) -> set[str]:
    moves = IDEA_MOVES if isinstance(record, Idea) else REPORT_MOVES
    return {move.verb for move in allowed(moves, record.state) if move.who == RESIDENT}


def private_context(request: HttpRequest, record: Idea | Report) -> dict[str, Any]:
    public = links.public_path(record, get_language())
    return {
        **(idea_context(record) if isinstance(record, Idea) else report_context(record)),
        "record": record,
        "is_idea": isinstance(record, Idea),
        "may": _may(record),
        "private_link": request.build_absolute_uri(own_path(record)),
        "token": links.tracking_token(record),
        "code": links.tracking_code(record),
        "public_link": request.build_absolute_uri(public) if record.is_public else "",
        "paths": {
            page: own_path(record, f"tracking_{page}") for page in ("correct", "withdraw", "erase", "fixed")
        }
        | {"status": own_path(record)},
        "unconfirmed": record.contact is not None
        and bool(record.contact.email)
        and record.contact.confirmed_at is None,
        "promise": promise(record, timezone.now()),
        "other_half": other_half(record),
    }


def _fixed_form(record: Idea | Report) -> FixedForm | None:
    """ "Is it fixed?", while the private page asks it."""
    if isinstance(record, Idea) or not services.asks_if_fixed(record, timezone.now()):
        return None
    return FixedForm(initial={"version": record.version})


def _letter(idea: Idea) -> dict[str, Any]:
    """The parts of a letter that was split, each as it goes on; and of a part the letter.

    The page of a part whose sender was erased is opened by nothing any more, so not from here either.
    """
    parts = [going_on(part) for part in idea.parts.select_related("call").order_by("pk")]
    references = [part.reference for part in parts]
    rows = Erasure.objects.exclude(what=Erasure.What.WITHDRAWN)
    erased = rows.filter(reference__in=references) if parts else rows.none()
    gone = set(erased.values_list("reference", flat=True))
    return {
        "parts": [
            {
                "record": one,
                "words": state_words(one),
                "path": "" if one.reference in gone else own_path(one),
            }
            for one in parts
        ],
        "letter": {"record": idea.split_from, "path": own_path(idea.split_from)} if idea.split_from else None,
    }


@require_safe
def tracking(request: HttpRequest, reference: str, token: str) -> HttpResponse:
    record = held_by(reference, token)
    context = {
        **private_context(request, record),
        "thanks": "thanks" in request.GET,
        "done": request.GET.get("done"),
        "fixed_form": _fixed_form(record),
    }
    if isinstance(record, Idea) and record.state == IdeaState.CORRECTION:
        context["asked"] = record.events.standing().filter(verb="ask_correction").last()
    if isinstance(record, Idea):
        context |= _letter(record)
        context["read_first"] = why_read_first(record)
        context["appeal"] = appeal_facts(record)
        context["questions"] = _questions(record)
        context["to_answer"] = _to_answer(context["questions"])
    else:
        context["not_listed"] = why_not_listed(record)
    has_form = context["fixed_form"] is not None
    return private_page(request, "engagement/tracking.html", context, has_form=has_form)


def _questions(idea: Idea) -> list[dict[str, Any]]:
    """What the sender is asked about what became of the idea, each with the page to answer on."""
    where = {"reference": idea.reference, "token": links.tracking_token(idea)}
    return [
        {**vars(one), "path": reverse(one.page, kwargs={**where, "initiative": one.about})}
        for one in services.questions_to_sender(idea)
    ]


def _to_answer(questions: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The first question that waits for the sender: that, and no date of the city's, comes next."""
    one = next((one for one in questions if one["open"] and not one["answered"]), None)
    return one and {**one, "late": bool(one["until"]) and one["until"] < timezone.localdate()}


def appeal_facts(idea: Idea) -> dict[str, Any] | None:
    """For a declined idea: until when its sender may ask to look again, and what came of asking."""
    window = appeal_window(idea)
    if window is None:
        return None
    return {
        "until": window.until,
        "last": window.last,
        "late": window.last is None and timezone.now() > window.until,
        "path": own_path(idea, "tracking_appeal"),
    }


def to_status(record: Idea | Report, done: str) -> SeeOther:
    return SeeOther(f"{own_path(record)}?done={done}")


@without_cookies
@require_http_methods(["GET", "HEAD", "POST"])
def tracking_correct(request: HttpRequest, reference: str, token: str) -> HttpResponse:
    idea = held_by(reference, token)
    if not isinstance(idea, Idea) or "resend" not in _may(idea):
        return SeeOther(own_path(idea))
    words = {"problem": idea.problem, "proposal": idea.proposal, "version": idea.version}
    form = CorrectionForm(request.POST if request.method == "POST" else None, initial=words)
    if request.method == "POST" and form.is_valid():
        try:
            services.resend_idea(
                idea=idea, draft=form.draft(idea), at=timezone.now(), version=form.cleaned_data["version"]
            )
        except services.Refused as error:
            refused(form, error)
        else:
            return to_status(idea, "corrected")
    asked: Event | None = idea.events.standing().filter(verb="ask_correction").last()
    context = {**private_context(request, idea), "form": form, "asked": asked}
    return private_page(
        request,
        "engagement/tracking_correct.html",
        context,
        has_form=True,
        status=422 if form.errors else 200,
    )


@without_cookies
@require_http_methods(["GET", "HEAD", "POST"])
def tracking_withdraw(request: HttpRequest, reference: str, token: str) -> HttpResponse:
    record = held_by(reference, token)
    if "withdraw" not in _may(record):
        return SeeOther(own_path(record))
    context = private_context(request, record)
    if request.method == "POST":
        try:
            if isinstance(record, Idea):
                services.withdraw_idea(idea=record, at=timezone.now())
            else:
                services.withdraw_report(report=record, at=timezone.now())
        except services.Refused as error:
            context["refusal"] = str(error.message)
        else:
            return to_status(record, "withdrawn")
    return private_page(request, "engagement/tracking_withdraw.html", context, has_form=True)


@without_cookies
@require_http_methods(["GET", "HEAD", "POST"])
def tracking_fixed(request: HttpRequest, reference: str, token: str) -> HttpResponse:
    """Yes keeps a report closed, no opens it again with the sender's words."""
    report = held_by(reference, token)
    form = _fixed_form(report)
    if isinstance(report, Idea) or form is None:
        return SeeOther(own_path(report))
    if request.method == "POST":
        form = FixedForm(request.POST)
    if form.is_bound and form.is_valid():
        said, at = form.cleaned_data, timezone.now()
        try:
            if said["fixed"] == "yes":
                services.confirm_fixed_report(report=report, at=at, version=said["version"])
            else:
                services.not_fixed_report(report=report, words=said["words"], at=at, version=said["version"])
        except services.Refused as error:
            refused(form, error)
        else:
            return to_status(report, "fixed" if said["fixed"] == "yes" else "not_fixed")
    context = {**private_context(request, report), "form": form}
    return private_page(
        request, "engagement/tracking_fixed.html", context, has_form=True, status=422 if form.errors else 200
    )


@without_cookies
@require_http_methods(["GET", "HEAD", "POST"])
def tracking_erase(request: HttpRequest, reference: str, token: str) -> HttpResponse:
    record = held_by(reference, token)
    form = EraseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        keep = form.cleaned_data["words"] == "keep"
        try:
            if isinstance(record, Idea):
                services.erase_sender(idea=record, at=timezone.now(), keep_text=keep)
            else:
                services.erase_report_sender(report=record, at=timezone.now(), keep_text=keep)
        except services.Refused as error:
            refused(form, error)
        else:
            return private_page(
                request, "engagement/tracking_erased.html", {"reference": record.reference, "kept": keep}
            )
    also = [one.reference for one in services.everything_of(record) if one.reference != record.reference]
    context = {**private_context(request, record), "form": form, "also": also}
    return private_page(
        request, "engagement/tracking_erase.html", context, has_form=True, status=422 if form.errors else 200
    )


def _too_many_tries(request: HttpRequest, reference: str) -> bool:
    """Both are counted at each try: those of the network, and those for the reference from anywhere."""
    tried = [
        limits.over(request, what, TRIES, seconds=TRIES_WINDOW, who=who)
        for what, who in (("track-address", ""), ("track-reference", reference))
    ]
    return any(tried)


@without_cookies
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tracking_login(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        form = TrackingLoginForm(initial={"reference": request.GET.get("reference", "")})
        return render(request, "engagement/tracking_login.html", {"form": form})
    form = TrackingLoginForm(request.POST)
    status = 422
    if form.is_valid():
        reference = form.cleaned_data["reference"]
        if _too_many_tries(request, reference):
            said = _("That was too many tries. Please wait until %(time)s, then try again.")
            form.add_error(None, said % {"time": limits.goes_on(TRIES_WINDOW)})
            status = 429
        else:
            record = find(reference)
            typed = normal_code(form.cleaned_data["code"])
            if record is not None and matches(normal_code(links.tracking_code(record)), typed):
                return SeeOther(own_path(going_on(record)))
            # One sentence for both cases: nobody learns here which references exist.
            form.add_error(None, _("This reference and this code do not go together. Check both."))
    return render(request, "engagement/tracking_login.html", {"form": form}, status=status)
