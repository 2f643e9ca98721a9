"""Next free item: a clerk is given the oldest of what waits, and nobody else gets it meanwhile."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement import services
from engagement.admin.keys import IN_FORMS, VERB_KEYS, WAYS
from engagement.admin.verbs import VerbAdmin
from engagement.forms.choices import is_key
from engagement.models import Event
from engagement.workflow import RESIDENT

MINE = "mine"
OTHERS = "others"
NOBODY = "nobody"


class HandFilter(admin.SimpleListFilter):
    """Who has what in hand."""

    title = gettext_lazy("in hand")
    parameter_name = "hand"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [(MINE, _("with me")), (OTHERS, _("with others")), (NOBODY, _("with nobody"))]

    def queryset(self, request: Any, queryset: Any) -> Any:
        at = timezone.now()
        if self.value() == NOBODY:
            return queryset.free(at)
        if self.value() in {MINE, OTHERS}:
            held = queryset.in_hand(at)
            mine = {"claimed_by": request.user.pk}
            return held.filter(**mine) if self.value() == MINE else held.exclude(**mine)
        return queryset


def in_hand(record: Any, user: Any) -> str:
    """Who has it in hand and until when, in words; nothing where nobody has."""
    if record.claimed_until is None or record.claimed_until <= timezone.now():
        return ""
    until = time_format(timezone.localtime(record.claimed_until), "TIME_FORMAT")
    if record.claimed_by_id == user.pk:
        return _("In hand with you until %(time)s") % {"time": until}
    return _("In hand with %(name)s until %(time)s") % {"name": record.claimed_by, "time": until}


def short_hand(record: Any, user: Any) -> str:
    """The same for a row of a list."""
    if record.claimed_until is None or record.claimed_until <= timezone.now():
        return ""
    name = _("you") if record.claimed_by_id == user.pk else record.claimed_by
    return _("in hand: %(name)s") % {"name": name}


class HandPages(VerbAdmin):
    """The buttons that hand out what waits, and what the desk says about the day's work."""

    def get_urls(self) -> Any:
        view = self.admin_site.admin_view
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path("next/", view(self.next_view), name=f"{name}_next"),
            path("<int:pk>/take/", view(self.take_view), name=f"{name}_take"),
            path("<int:pk>/put-back/", view(self.put_back_view), name=f"{name}_put_back"),
            *super().get_urls(),
        ]

    def hands_out(self, request: HttpRequest, record: Any = None) -> bool:
        """Does this person decide here (about this one)? Then waiting items can be given to them."""
        return any(self.may(request, verb, record) for verb in self.verbs)

    def _asked(self, request: HttpRequest) -> str:
        """The filters that came with a button of these pages; nothing else may call them."""
        if request.method != "POST" or not self.hands_out(request):
            raise PermissionDenied
        return request.POST.get("filters", "")

    def next_view(self, request: HttpRequest) -> HttpResponse:
        filters = self._asked(request)
        after = request.POST.get("after", "")
        record = self.get_queryset(request).filter(pk=after).first() if is_key(after) else None
        return HttpResponseRedirect(self.next_free(request, filters, record))

    def next_free(self, request: HttpRequest, filters: str, after: Any = None) -> str:
        """The page of the next free item, now in this person's hand; else the list, with a word why."""
        at = timezone.now()
        listed: Any = self.listed(request, filters)
        by: Any = request.user
        found = services.claim_next(among=listed, by=by, at=at, after=after)
        if found is not None:
            return self.detail_url(found.pk, filters)
        if listed.waiting().in_hand(at).exists():
            messages.info(request, _("What still waits here is in other hands. Nothing is free."))
        else:
            messages.success(request, _("Nothing waits here any more."))
        return self.filtered_url(filters)

    def _following(self, request: HttpRequest, record: Any, filters: str) -> Callable[[], str]:
        return lambda: self.next_free(request, filters, record)

    def take_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        filters = self._asked(request)
        record = self.record(request, str(pk))
        try:
            services.claim(record=record, by=request.user, at=timezone.now())  # type: ignore[arg-type]
        except services.Refused as refusal:
            messages.warning(request, str(refusal.message))
        return HttpResponseRedirect(self.detail_url(pk, filters))

    def put_back_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        filters = self._asked(request)
        record = self.record(request, str(pk))
        if services.put_back(record=record, by=request.user):  # type: ignore[arg-type]
            messages.success(request, _("%(record)s was put back.") % {"record": record})
        return HttpResponseRedirect(self.filtered_url(filters))

    # What the pages show ------------------------------------------------------------------------

    def work(self, request: HttpRequest, filters: str, listed: Any) -> dict[str, Any] | None:
        """How much this person did today, and how much waits in this list."""
        if not self.hands_out(request):
            return None
        return {
            "done": self._done_today(request),
            "wait": listed.waiting().count(),
            "next_url": self.url("next"),
            "filters": filters,
        }

    def _done_today(self, request: HttpRequest) -> int:
        midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        kind = str(self.opts.model_name)
        moves = [move.verb for move in self.moves.values() if move.who != RESIDENT]
        done = Event.objects.standing().filter(verb__in=moves, at__gte=midnight, by=request.user.pk)
        return int(done.filter(**{f"{kind}__isnull": False}).values(kind).distinct().count())

    def hand_context(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        """What a record's page says and offers about having it in hand."""
        held = in_hand(record, request.user)
        mine = bool(held) and record.claimed_by_id == request.user.pk
        may = self.hands_out(request, record)
        takes = may and record.state == "received" and not held
        return {
            "in_hand": held,
            "in_other_hands": bool(held) and not mine,
            "take_url": self.url("take", record.pk) if takes else "",
            "put_back_url": self.url("put_back", record.pk) if may and mine else "",
        }

    def verb_warning(self, request: HttpRequest, record: Any) -> str:
        mine = record.claimed_by_id == request.user.pk
        return "" if mine else in_hand(record, request.user)

    def page_context(self, request: HttpRequest, title: Any) -> dict[str, Any]:
        return {**super().page_context(request, title), "keys": self.keys(), "media": self.media}

    def keys(self) -> Sequence[tuple[str, Any]]:
        """Every key of these pages with what it does, for the list that `?` shows."""
        verbs = [(VERB_KEYS[verb.name], verb.label) for verb in self.verbs if verb.name in VERB_KEYS]
        return [*((key.upper(), label) for key, label in (*verbs, *WAYS)), *IN_FORMS]
