"""What the sender will get, shown before the button is pressed: one way for every page whose action mails.

A page has a button of the name `_preview`. It posts the page's own form: without script the same page comes
back with the mail under what was typed, with script only the mail comes back (`_preview=part`).
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement import services

ASKS = "_preview"
PART = "part"

KINDS = {
    services.SENDER: gettext_lazy("To the sender of %(reference)s"),
    services.DEPARTMENT: gettext_lazy("To the mailbox of the department"),
    services.STAFF: gettext_lazy("To members of staff"),
}

SILENT = {
    "internal": gettext_lazy("This step is not told to anybody."),
    "no_contact": gettext_lazy("No mail leaves: who sent it left no contact."),
    "no_address": gettext_lazy("No mail leaves: who sent it left no e-mail address."),
    "no_wish": gettext_lazy("No mail leaves: who sent it did not ask to be told."),
    "no_mail": gettext_lazy("No mail leaves: this step has none."),
}
"""Why somebody hears nothing: what `Rehearsal.silent` counts, as sentences."""

RHYTHMS = {
    "instant": gettext_lazy("at once"),
    "daily": gettext_lazy("with their daily mail"),
    "weekly": gettext_lazy("with their weekly mail"),
    "never": gettext_lazy("not at all: they turned it off"),
}


def asked(request: HttpRequest) -> bool:
    """Was the button that only shows the mail pressed?"""
    return request.method == "POST" and ASKS in request.POST


def part_asked(request: HttpRequest) -> bool:
    """Does a script want the mail alone?"""
    return request.POST.get(ASKS) == PART


def shown(act: Callable[[datetime], object], at: datetime | None = None) -> dict[str, Any]:
    """What a page needs to show the mails of `act`, which is given the moment. What it refuses is raised."""
    now = at or timezone.now()
    return in_words(services.rehearse(lambda: act(now), at=now))


def in_words(rehearsal: services.Rehearsal) -> dict[str, Any]:
    silent = [(SILENT[why], n) for why, n in rehearsal.silent.items()]
    followers = [(RHYTHMS[how], n) for how, n in rehearsal.followers.items()]
    mails = [{"mail": mail, "to": KINDS[mail.to] % {"reference": mail.reference}} for mail in rehearsal.mails]
    return {
        "mails": mails,
        "silent": silent,
        "followers": followers,
        "people": sum(rehearsal.followers.values()),
        "several": rehearsal.count > 1 or sum(rehearsal.silent.values()) > 1,
    }


def without_sender(preview: dict[str, Any]) -> dict[str, Any]:
    """The same for who may not know whether the sender left an address: one sentence, whatever it is."""
    mails = [one for one in preview["mails"] if one["mail"].to != services.SENDER]
    silent = [(_("The sender is told, where there is an address."), 1)]
    return preview | {"mails": mails, "silent": silent, "several": False}


def mails_in_words(mails: tuple[services.PreviewedMail, ...]) -> dict[str, Any]:
    """The same for the mails of a lot whose page counts who hears nothing by itself."""
    return in_words(services.Rehearsal(mails=mails, silent={}, followers={}))


def part(request: HttpRequest, preview: dict[str, Any] | None) -> HttpResponse:
    """The mail alone, for the script of the page; 422 where what was typed does not make one yet."""
    answer = TemplateResponse(
        request, "admin/engagement/mail_shown.html", {"preview": preview}, status=200 if preview else 422
    )
    answer["Cache-Control"] = "no-store"
    return answer
