"""Conditions of a round: what staff found on each initiative, beside what the scores will say."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from engagement.admin import refusals
from engagement.desk_pages import add_page
from engagement.services import Refused
from prioritisation import services
from prioritisation.admin.finding import find_round, me, show
from prioritisation.forms.rounds import GateForm
from prioritisation.models import Entry, GateCheck
from prioritisation.policies import schema
from prioritisation.workflow import Role


@require_http_methods(["GET", "HEAD", "POST"])
def gates(request: HttpRequest, pk: int) -> HttpResponse:
    """Every initiative of the round with what staff found on its gates."""
    round = find_round(request, pk)
    policy = schema.parse(round.policy_version.document)
    entries = (
        round.entries.select_related("initiative")
        .prefetch_related("gate_checks")
        .order_by("initiative__reference")
    )
    rows = [{"entry": entry, "findings": _findings(policy, entry)} for entry in entries]
    rows.sort(key=lambda row: not row["findings"])
    found = sum(bool(row["findings"]) for row in rows)
    return show(
        request, "round_gates", _("Conditions"), round=round, rows=rows, found=found, gates=policy.gates
    )


def _findings(policy: schema.Policy, entry: Entry) -> list[dict[str, Any]]:
    labels = {gate.key: dict(gate.label) for gate in policy.gates}
    return [
        {"label": labels.get(check.gate, {}), "verdict": check.get_verdict_display(), "text": check.text}
        for check in entry.gate_checks.all()
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def gate(request: HttpRequest, pk: int, reference: str) -> HttpResponse:
    round = find_round(request, pk, Role.MANAGER)
    entry = get_object_or_404(round.entries.select_related("initiative"), initiative__reference=reference)
    policy = schema.parse(round.policy_version.document)
    form = GateForm(request.POST or None, policy=policy, initial={"verdict": GateCheck.Verdict.FAIL})
    if request.method == "POST" and form.is_valid():
        try:
            services.check_gate(entry=entry, by=me(request), at=timezone.now(), **form.cleaned_data)
        except Refused as refusal:
            refusals.tell(form, refusal)
        else:
            messages.success(request, _("Noted."))
            return HttpResponseRedirect(reverse("admin:prioritisation_round_gates", args=(round.pk,)))
    title = _("A finding on a condition")
    status = 422 if form.errors else 200
    return show(
        request,
        "round_gate",
        title,
        status=status,
        round=round,
        form=form,
        entry=entry,
        policy=policy,
        findings=_findings(policy, entry),
    )


add_page("prioritisation/round/<int:pk>/conditions/", gates, name="prioritisation_round_gates")
add_page("prioritisation/round/<int:pk>/conditions/<str:reference>/", gate, name="prioritisation_round_gate")
