"""Pages of people without an account: the link in a mail, and all that one address has here."""

import json
from typing import Any

from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from engagement import links, services, tasks
from engagement.forms.persons import AddressForm, RhythmForm, SupportByMailForm
from engagement.forms.tracking import EraseForm
from engagement.models import Idea, Person, Report
from engagement.services import Wish, WishKind
from engagement.tracking import matches
from engagement.views import limits
from engagement.views.forgery import without_cookies
from engagement.views.known import forget, known_person, remember
from engagement.views.records import find
from engagement.views.responses import SeeOther, private_page
from engagement.views.wording import promise, state_words

MAILS_A_NETWORK, MAILS_AN_ADDRESS = 60, 6
"""Links mailed in an hour: generous to a library, and no way to flood somebody's mailbox."""
TOO_MANY = "too_many"


# Asking for a link -------------------------------------------------------------------------------


def ask(request: HttpRequest, form: AddressForm, wish: Wish) -> bool:
    """Mails the link, unless too many were asked for. The answer never tells whether it was known."""
    at = timezone.now()
    email = form.cleaned_data["email"]
    for what, who, limit in (("person", "", MAILS_A_NETWORK), ("person address", email, MAILS_AN_ADDRESS)):
        if limits.over(request, what, limit, who=who):
            said = _("Many links were asked for within an hour. Please wait until %(time)s, then try again.")
            form.add_error(None, ValidationError(said % {"time": limits.goes_on()}, code=TOO_MANY))
            return False
    if form.trapped:
        return True  # a robot is told the same as everybody, and no mail leaves
    services.mail_wish(email=email, wish=wish, language=get_language() or settings.LANGUAGE_CODE, at=at)
    tasks.nudge_mail()
    return True


def refused_status(form: AddressForm) -> int:
    return 429 if form.has_error(NON_FIELD_ERRORS, TOO_MANY) else 422


def sent_page(request: HttpRequest, email: str, back: str = "") -> HttpResponse:
    return private_page(request, "engagement/person_sent.html", {"email": email, "back": back})


# The link ----------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def wish(request: HttpRequest, pk: int, wish: str, token: str) -> HttpResponse:
    """A mailed link. Mail programs open links by themselves: only the button carries the wish out."""
    person = Person.objects.filter(pk=pk).first()
    asked = Wish.read(wish)
    if person is None or asked is None or not links.opens_wish(person, wish, token, timezone.now()):
        return private_page(request, "engagement/person_link_ended.html", {}, status=404)
    record = _record(asked)
    if request.method != "POST":
        context = {"wish": asked, "kind": str(asked.kind), "record": record, "title": _title(record)}
        return private_page(request, "engagement/person_link.html", context, has_form=True)
    refusal = ""
    try:
        services.carry_out(person=person, wish=asked, record=record, at=timezone.now())
    except services.Refused as error:
        refusal = str(error.message)
        person.refresh_from_db()
        services.carry_out(person=person, wish=Wish(WishKind.MINE), record=None, at=timezone.now())
    if refusal:
        context = {"refusal": refusal, "record": record}
        return remember(private_page(request, "engagement/person_refused.html", context, status=409), person)
    return remember(SeeOther(_after(record)), person)


def _record(asked: Wish) -> Idea | Report | None:
    found = find(asked.reference) if asked.reference else None
    return found if found is not None and found.is_public else None


def _title(record: Idea | Report | None) -> str:
    if record is None:
        return ""
    if isinstance(record, Report):
        return f"{record.service} ({record.reference})"
    return record.public_title if record.shows_text else record.reference


def _after(record: Idea | Report | None) -> str:
    if record is None:
        return reverse("engagement:mine")
    return f"{links.public_path(record, get_language())}#follow"


# A sender's address ------------------------------------------------------------------------------


@without_cookies
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def address(request: HttpRequest, reference: str, token: str) -> HttpResponse:
    """The link in the first mail about what was sent: yes, this address is mine; no, remove it."""
    record = find(reference)
    if record is None or not matches(links.address_token(record), token):
        return private_page(request, "engagement/person_link_ended.html", {}, status=404)
    done = refusal = ""
    if request.method == "POST":
        try:
            done = _settle(request, record)
        except services.Refused as error:
            done, refusal = ("", str(error.message)) if error.code == "held" else ("gone", "")
    if not done and record.contact is None:
        done = "gone"
    context = {
        "record": record,
        "done": done,
        "refusal": refusal,
        "confirmed": record.contact is not None and record.contact.confirmed_at is not None,
        "private": links.tracking_path(record, get_language()) if done == "confirmed" else "",
    }
    status = 422 if refusal else 200
    return private_page(request, "engagement/address.html", context, has_form=True, status=status)


def _settle(request: HttpRequest, record: Idea | Report) -> str:
    if "remove" in request.POST:
        services.disown_contact(record=record)
        return "removed"
    if record.contact is None:
        return "gone"
    services.confirm_contact(record=record, at=timezone.now())
    return "confirmed"


# All that one address has here -------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """What I sent, what I follow, what I support; for a browser that is not known, the way there."""
    person = known_person(request)
    if person is None:
        return _ask_mine(request)
    if request.method == "POST":
        return _act(request, person)
    return _mine_page(request, person)


def _ask_mine(request: HttpRequest) -> HttpResponse:
    form = AddressForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and ask(request, form, Wish(WishKind.MINE)):
        return sent_page(request, form.cleaned_data["email"], request.path)
    status = refused_status(form) if request.method == "POST" else 200
    return private_page(request, "engagement/mine_ask.html", {"form": form}, has_form=True, status=status)


def _mine_page(
    request: HttpRequest, person: Person, form: RhythmForm | None = None, status: int = 200
) -> HttpResponse:
    at = timezone.now()
    follows = person.follows.select_related("idea__call", "report__service").order_by("-since")
    context = {
        "person": person,
        "sent": [
            {
                "record": record,
                "title": _own_title(record),
                "words": state_words(record),
                "promise": promise(record, at),
                "path": links.tracking_path(record, get_language()),
            }
            for record in services.sent_by(person)
        ],
        "follows": [
            {"record": record, "title": _title(record), "path": links.public_path(record, get_language())}
            for one in follows
            if (record := one.idea or one.report) is not None
        ],
        "supports": [{"record": idea, "title": _title(idea)} for idea in services.supported_by(person)],
        "form": form or RhythmForm(initial={"rhythm": person.rhythm, "language": person.language}),
        "done": request.GET.get("done", ""),
    }
    return private_page(request, "engagement/mine.html", context, has_form=True, status=status)


def _own_title(record: Idea | Report) -> str:
    return record.title if isinstance(record, Idea) else str(record.service)


def _act(request: HttpRequest, person: Person) -> HttpResponse:
    action = request.POST.get("do", "")
    here = reverse("engagement:mine")
    if action == "leave":
        return forget(SeeOther(here))
    if action == "end":
        services.end_links(person=person)
        return forget(SeeOther(here))
    if action == "stop":
        record = find(request.POST.get("reference", ""))
        if record is not None:
            services.unfollow(person=person, record=record)
        return SeeOther(f"{here}?done=stopped")
    form = RhythmForm(request.POST)
    if not form.is_valid():
        return _mine_page(request, person, form, status=422)
    services.set_rhythm(person=person, at=timezone.now(), **form.cleaned_data)
    return SeeOther(f"{here}?done=rhythm")


@never_cache
@require_safe
def mine_export(request: HttpRequest) -> HttpResponse:
    person = known_person(request)
    if person is None:
        return HttpResponseRedirect(reverse("engagement:mine"))
    text = json.dumps(services.everything_about(person), ensure_ascii=False, indent=2)
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="my-data.json"'
    response["Cache-Control"] = "no-store"
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mine_erase(request: HttpRequest) -> HttpResponse:
    person = known_person(request)
    if person is None:
        return HttpResponseRedirect(reverse("engagement:mine"))
    form = EraseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        keep = form.cleaned_data["words"] == "keep"
        held = services.erase_person(person=person, at=timezone.now(), keep_text=keep)
        return forget(private_page(request, "engagement/mine_erased.html", {"held": held}))
    context = {"form": form, "count": len(services.sent_by(person))}
    status = 422 if request.method == "POST" else 200
    return private_page(request, "engagement/mine_erase.html", context, has_form=True, status=status)


# Following ---------------------------------------------------------------------------------------


@never_cache
@require_POST
def follow(request: HttpRequest, reference: str) -> HttpResponse:
    """The button "Follow": at once where the browser is known, else by a link to the address."""
    record = find(reference)
    if record is None or not record.is_public:
        raise Http404
    person = known_person(request)
    here = f"{links.public_path(record, get_language())}#follow"
    if person is not None:
        if "stop" in request.POST:
            services.unfollow(person=person, record=record)
        else:
            services.follow(person=person, record=record, at=timezone.now())
        return SeeOther(here)
    return _by_mail(request, record, AddressForm(request.POST), WishKind.FOLLOW)


def _by_mail(request: HttpRequest, record: Idea | Report, form: AddressForm, kind: WishKind) -> HttpResponse:
    asked = Wish(kind, record.reference)
    back = links.public_path(record, get_language())
    if form.is_valid() and ask(request, form, asked):
        return sent_page(request, form.cleaned_data["email"], back)
    context = {"form": form, "record": record, "title": _title(record), "kind": str(kind), "back": back}
    return private_page(
        request, "engagement/person_ask.html", context, has_form=True, status=refused_status(form)
    )


def support_by_mail(request: HttpRequest, idea: Idea) -> HttpResponse:
    """Supporting an idea whose invitation asks for a confirmed address. Raises Refused."""
    person = known_person(request)
    at = timezone.now()
    here = f"{links.public_path(idea, get_language())}#support"
    if person is not None:
        if request.POST.get("wish") == "take":
            services.withdraw_support(idea=idea, voter=person.email, kind="confirmed", at=at)
        else:
            services.support_idea(idea=idea, voter=person.email, kind="confirmed", at=at)
        return SeeOther(here)
    form = SupportByMailForm(request.POST)
    kind = WishKind.BOTH if form.is_valid() and form.cleaned_data["tell"] else WishKind.SUPPORT
    return _by_mail(request, idea, form, kind)


# Stopping mails (RFC 8058) -----------------------------------------------------------------------


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, pk: int, token: str) -> HttpResponse:
    """Ends the mails about what is followed, by one press or by the mail program's own button.

    A mail program posts without cookie, so there is no check against forgery here: the link is the proof.
    """
    person = get_object_or_404(Person, pk=pk)
    if not matches(links.stop_token(person), token):
        raise Http404
    if request.method == "POST":
        services.set_rhythm(
            person=person, rhythm=Person.Rhythm.NEVER, language=person.language, at=timezone.now()
        )
    return private_page(request, "engagement/stop.html", {"done": request.method == "POST"}, has_form=True)


def follow_context(request: HttpRequest, record: Idea | Report) -> dict[str, Any]:
    """What a public page shows about following it. No query for a browser that is not known."""
    person = known_person(request)
    follows = (
        person is not None
        and person.follows.filter(**{"idea" if isinstance(record, Idea) else "report": record}).exists()
    )
    return {"person": person, "follows": follows, "follow_form": AddressForm(auto_id="follow_%s")}
