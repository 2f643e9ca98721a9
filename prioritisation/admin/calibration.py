"""Calibration: how the panel reads the scale on the initiatives that all of it scores.

A member of the panel sees others' scores here once the own ones are handed in, by letter. Everybody else
waits for the round to close; until then the manager sees who is due, and can put an anchor in clearer words.
"""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from engagement.admin import refusals
from engagement.desk_pages import add_page
from engagement.models import User
from engagement.services import Refused
from prioritisation import dot_picture, readings, services
from prioritisation.admin.finding import READERS, find_round, me, show
from prioritisation.forms.discussions import ClarifyForm
from prioritisation.models import Entry, Round
from prioritisation.policies import schema
from prioritisation.services.calibration import Column
from prioritisation.workflow import Role, RoundState

LIST = "prioritisation_calibration"
ONE = "prioritisation_calibration_one"
CLARIFY = "prioritisation_clarify"


@dataclass(frozen=True)
class Seen:
    """A round, and as whom this person looks at it: a member of the panel, or staff (`reader` is None)."""

    round: Round
    policy: schema.Policy
    reader: User | None
    manager: bool
    comparing: bool = False
    """Has this reader handed in enough to see others' scores?"""

    @property
    def readable(self) -> bool:
        return self.round.state in (RoundState.CLOSED, RoundState.DECIDED)

    def columns(self, entry: Entry) -> list[Column] | None:
        if self.reader is None and not self.readable:
            return None
        if self.reader is not None and not self.comparing:
            return None
        return services.columns(self.round, entry, reader=self.reader, policy=self.policy)

    def criteria(self) -> list[schema.Criterion]:
        """Those that the reader was asked about; all of them for staff."""
        seat = services.seat_of(self.round, self.reader) if self.reader else None
        return list(self.policy.asked_of(seat.team) if seat else self.policy.assessed_criteria())


def find(request: HttpRequest, pk: int) -> Seen:
    """404 outside the programme and before opening, 403 for roles that have nothing to see yet."""
    rounds = Round.objects.seen_by(me(request)).select_related("programme", "policy_version")
    round = rounds.exclude(state=RoundState.PREPARING).filter(pk=pk).first()
    if round is None:
        raise Http404
    manager = services.has_role(me(request), round.programme, Role.MANAGER)
    closed = round.state in (RoundState.CLOSED, RoundState.DECIDED)
    staff = services.has_role(me(request), round.programme, *READERS) if closed else manager
    seat = services.seat_of(round, me(request))
    if seat is None and not staff:
        raise PermissionDenied
    reader = me(request) if seat is not None and not (closed and staff) else None
    comparing = reader is not None and services.may_compare(round, reader)
    return Seen(round, schema.parse(round.policy_version.document), reader, manager, comparing)


@require_safe
def calibration(request: HttpRequest, pk: int) -> HttpResponse:
    """The initiatives for everyone, what is still to do, and how alike the panel reads each criterion."""
    seen = find(request, pk)
    entries = services.calibration_entries(seen.round)
    compared = {entry.pk: seen.columns(entry) for entry in entries}
    mine = services.still_to_hand_in(seen.round, seen.reader) if seen.reader else []
    own = services.own_entries(seen.round, seen.reader) if seen.reader else None
    watching = seen.manager and seen.reader is None and not seen.readable
    return show(
        request,
        "calibration",
        _("Calibration"),
        round=seen.round,
        seen=seen,
        entries=[
            {
                "entry": entry,
                "columns": compared[entry.pk],
                "title": _title(entry),
                "not_asked": own is not None and entry.pk not in own,
            }
            for entry in entries
        ],
        mine=[{"assignment": one, "title": _title(one.entry)} for one in mine],
        watching=watching,
        people=_due(seen.round) if watching else [],
        compared=sum(bool(found) for found in compared.values()),
        agreement=_agreement(seen, [found for found in compared.values() if found]),
        rules=_rules(seen),
    )


def _title(entry: Entry) -> dict[str, str]:
    return dict(entry.revision.content["title"] if entry.revision else entry.initiative.title)


def _due(round: Round) -> list[dict[str, Any]]:
    """Who still has initiatives for everyone to hand in: how many, nothing of what they say."""
    seats = round.panel.filter(left_at__isnull=True).select_related("user").order_by("user__username")
    left = services.left_to_calibrate(round)
    return [{"name": str(seat), "left": left[seat.user_id]} for seat in seats if left[seat.user_id]]


def _agreement(seen: Seen, compared: list[list[Column]]) -> list[dict[str, Any]]:
    """By criterion how alike the panel reads it, at first and now. Empty without anything to compare."""
    if not compared:
        return []
    span = seen.policy.scale.maximum - seen.policy.scale.minimum
    found = []
    for criterion in seen.criteria():
        tables: list[dict[str, list[float]]] = []
        for when in ("first", "scores"):
            tables.append(
                {
                    str(place): [
                        float(score)
                        for one in columns
                        if (score := getattr(one, when)[criterion.key]) is not None
                    ]
                    for place, columns in enumerate(compared)
                }
            )
        found.append(
            {
                "label": dict(criterion.label),
                "before": readings.reading(tables[0], span),
                "now": readings.reading(tables[1], span),
            }
        )
    return found


def _rules(seen: Seen) -> list[dict[str, Any]]:
    """Criteria with their anchors, and which of those were put in clearer words."""
    clearer = services.clarified(seen.round)
    return [
        {
            "key": one.key,
            "label": dict(one.label),
            "question": dict(one.question),
            "levels": [
                {
                    "value": f"{level.value:g}",
                    "text": dict(level.text),
                    "clarified": clearer.get(one.key, {}).get(level.value),
                }
                for level in one.levels
            ],
        }
        for one in seen.criteria()
    ]


@require_safe
def calibration_one(request: HttpRequest, pk: int, reference: str) -> HttpResponse:
    """One initiative: criteria in rows, people in columns, and what the two furthest apart wrote."""
    seen = find(request, pk)
    entries = {one.initiative.reference: one for one in services.calibration_entries(seen.round)}
    entry = entries.get(reference)
    if entry is None:
        raise Http404
    columns = seen.columns(entry)
    if columns is None:
        messages.info(request, _why_not(seen))
        return HttpResponseRedirect(reverse(f"admin:{LIST}", args=(pk,)))
    own = services.own_assignment(entry, seen.reader) if seen.reader else None
    return show(
        request,
        "calibration_one",
        _("Calibration"),
        round=seen.round,
        seen=seen,
        entry=entry,
        wording=dict(entry.revision.content) if entry.revision else {},
        heading=_title(entry),
        columns=columns,
        rows=[row_of(seen.policy, rule, columns) for rule in _rules(seen)],
        assignment=own,
        open=seen.round.state == RoundState.OPEN,
    )


def _why_not(seen: Seen) -> str:
    if seen.reader is None:
        return _("Scores are seen after closing.")
    if not seen.comparing:
        return _("Hand in all of your own calibration initiatives first: then you see how others read them.")
    return _("There is nothing to compare with yet. Look again later.")


def row_of(policy: schema.Policy, rule: dict[str, Any], columns: list[Column]) -> dict[str, Any]:
    """One criterion of one initiative: scores in the order of the columns, the dots, the extremes' notes."""
    key = rule["key"]
    cells = [(one, one.scores[key], one.first[key]) for one in columns]
    given = [(one, float(score)) for one, score, _first in cells if score is not None]
    span = policy.scale.maximum - policy.scale.minimum
    return {
        "rule": rule,
        "cells": [
            {"column": one, "score": score, "first": first if first != score else None}
            for one, score, first in cells
        ],
        "dots": dot_picture.dots(
            [(one.letter, score, one.own) for one, score in given], policy.scale.levels()
        ),
        "reading": readings.reading({"": [score for _one, score in given]}, span),
        "low": min((score for _one, score in given), default=None),
        "high": max((score for _one, score in given), default=None),
        "extremes": (ends := _extremes(key, given)),
        "noted": any(end["note"] for end in ends),
    }


def _extremes(key: str, given: list[tuple[Column, float]]) -> list[dict[str, Any]]:
    """Who gave least and who gave most, with what they wrote; of several with a note the first letter."""
    if not given or min(score for _one, score in given) == max(score for _one, score in given):
        return []
    found = []
    for end in (min, max):
        score = end(one for _column, one in given)
        at = [column for column, one in given if one == score]
        at.sort(key=lambda one: (key not in one.notes, len(one.letter), one.letter))
        found.append({"column": at[0], "score": score, "note": at[0].notes.get(key, "")})
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def clarify(request: HttpRequest, pk: int, criterion: str, level: str) -> HttpResponse:
    """Puts one anchor in clearer words. The rest of the rules stays as it is."""
    round = find_round(request, pk, Role.MANAGER)
    policy = schema.parse(round.policy_version.document)
    asked = next((one for one in policy.assessed_criteria() if one.key == criterion), None)
    anchor = next((one for one in asked.levels if f"{one.value:g}" == level), None) if asked else None
    if asked is None or anchor is None:
        raise Http404
    initial = {"text": dict(anchor.text), "version": round.version}
    form = ClarifyForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            services.clarify_anchor(
                round=round,
                criterion=criterion,
                level=anchor.value,
                text=values["text"],
                reason=values["reason"],
                version=values["version"],
                by=me(request),
                at=timezone.now(),
            )
        except Refused as refusal:
            refusals.tell(form, refusal)
        else:
            messages.success(request, _("From now on assessors read the clearer words. Scores stay."))
            return HttpResponseRedirect(reverse(f"admin:{LIST}", args=(pk,)))
    return show(
        request,
        "clarify",
        _("Put a level in clearer words"),
        status=422 if form.errors else 200,
        round=round,
        form=form,
        criterion=asked,
        level=anchor,
        open=round.state == RoundState.OPEN,
    )


add_page("prioritisation/round/<int:pk>/calibration/", calibration, name=LIST)
add_page("prioritisation/round/<int:pk>/calibration/<str:reference>/", calibration_one, name=ONE)
add_page("prioritisation/round/<int:pk>/clarify/<slug:criterion>/<str:level>/", clarify, name=CLARIFY)
