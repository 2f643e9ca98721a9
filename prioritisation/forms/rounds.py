"""Rounds: what is assessed, by whom, by when; and what staff found on a gate."""

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.validators import MaxValueValidator
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement.forms.choices import SeveralField
from engagement.localized import LocalizedFormField, localized
from engagement.models import User
from prioritisation import services
from prioritisation.forms.panels import assessors, named, team_choices
from prioritisation.models import GateCheck, Initiative, PolicyVersion, Programme, Round
from prioritisation.policies import schema
from prioritisation.workflow import InitiativeState, Role

if TYPE_CHECKING:
    InitiativesField = forms.ModelMultipleChoiceField[Initiative]
    PanelField = forms.ModelMultipleChoiceField[User]
else:
    InitiativesField = PanelField = SeveralField


class _Initiatives(InitiativesField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{localized(obj.title)} ({obj.reference})"


class _Panel(PanelField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj} · {obj.department}" if obj.department else str(obj)


class RoundForm(forms.Form):
    """A round to prepare or, with `round`, to change before it opens."""

    title = LocalizedFormField(
        label=gettext_lazy("Name"),
        help_text=gettext_lazy("Empty: “round” and its number."),
        rows=1,
        required=False,
    )
    policy_version = forms.ModelChoiceField(PolicyVersion.objects.none(), label=gettext_lazy("Scoring rules"))
    stage = forms.ChoiceField(
        label=gettext_lazy("Stage"),
        help_text=gettext_lazy("The stage of the funnel that this round decides."),
    )
    per_initiative = forms.IntegerField(
        label=gettext_lazy("Assessors for each initiative"), min_value=1, max_value=50
    )
    places = forms.IntegerField(
        label=gettext_lazy("Places"),
        help_text=gettext_lazy("The line in the ranking, e.g. 70. Empty: no line."),
        min_value=1,
        max_value=100_000,
        required=False,
    )
    due = forms.DateField(
        label=gettext_lazy("Due"),
        help_text=gettext_lazy("The last day for scores. Nothing closes by itself."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[MaxValueValidator(date(2999, 12, 31))],
        required=False,
    )
    panel = _Panel(User.objects.none(), label=gettext_lazy("Panel"), widget=forms.CheckboxSelectMultiple)
    initiatives = _Initiatives(
        Initiative.objects.none(),
        label=gettext_lazy("Initiatives"),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("All that are ready for assessment are ticked."),
    )
    calibration = _Initiatives(
        Initiative.objects.none(),
        label=gettext_lazy("For everyone"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    calibration_size = forms.IntegerField(
        label=gettext_lazy("Initiatives that everybody scores"),
        help_text=gettext_lazy(
            "5 to 10 show how each reads the scale. Those ticked below, and more by draw, spread over themes."
        ),
        min_value=0,
        max_value=20,
        required=False,
    )
    top_up = forms.IntegerField(
        label=gettext_lazy("Further assessors near the line"),
        help_text=gettext_lazy("Asked later, for the half of the initiatives nearest the line. 0: none."),
        min_value=0,
        max_value=10,
        required=False,
    )
    severity = forms.ChoiceField(
        label=gettext_lazy("Strict and lenient assessors"),
        choices=Round.Severity.choices,
        widget=forms.RadioSelect,
        required=False,
    )
    severity_reason = forms.CharField(
        label=gettext_lazy("Why it changes the ranking"),
        help_text=gettext_lazy("Only where it is used in the ranking; it is published."),
        max_length=500,
        required=False,
    )
    disclosure = forms.ChoiceField(
        label=gettext_lazy("Figures to be published"),
        help_text=gettext_lazy("Every score needs a panel of five or more; no names, no notes."),
        choices=Round.Disclosure.choices,
        widget=forms.RadioSelect,
        required=False,
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, programme: Programme, round: Round | None = None, **kwargs: Any) -> None:
        self.programme = programme
        ready = programme.initiatives.filter(state=InitiativeState.READY).order_by("reference")
        versions = programme.policy_versions.approved().order_by("-number")
        kwargs.setdefault("initial", _initial(programme, round, ready, versions.first()))
        super().__init__(*args, **kwargs)
        self._choose_from("initiatives", ready)
        self._choose_from("calibration", ready)
        people = assessors(programme)
        self._choose_from("panel", people)
        policies = [
            schema.parse(one.document) for one in (versions if round is None else [round.policy_version])
        ]
        self._add_seats(people, round, team_choices(policies))
        self._choose_from("policy_version", versions)
        stage = self.fields["stage"]
        assert isinstance(stage, forms.ChoiceField)
        stage.choices = _stages(versions)
        if round is not None:
            self.fields["version"].required = True
            # What follows was fixed when it was prepared.
            del self.fields["policy_version"], self.fields["stage"]

    def _choose_from(self, name: str, rows: Any) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = rows

    def _add_seats(self, people: Any, round: Round | None, teams: list[tuple[str, str]]) -> None:
        """A limit and a team for each person who could be on the panel."""
        self.people = list(people)
        self.has_teams = len(teams) > 1
        seats = {seat.user_id: seat for seat in round.panel.all()} if round else {}
        for user in self.people:
            seat = seats.get(user.pk)
            self.fields[f"capacity_{user.pk}"] = forms.IntegerField(
                label=_("Initiatives at most, for %(name)s") % {"name": named(user)},
                min_value=1,
                max_value=100_000,
                required=False,
                initial=seat.capacity if seat else None,
            )
            if self.has_teams:
                self.fields[f"team_{user.pk}"] = forms.ChoiceField(
                    label=_("Team of %(name)s") % {"name": named(user)},
                    choices=teams,
                    required=False,
                    initial=seat.team if seat else "",
                )

    def seats(self) -> list[services.Seat]:
        """Who was chosen, with limit and team."""
        values = self.cleaned_data
        return [
            services.Seat(user, values.get(f"capacity_{user.pk}"), values.get(f"team_{user.pk}", ""))
            for user in values["panel"]
        ]

    def terms(self) -> services.Terms:
        values = self.cleaned_data
        return services.Terms(
            severity=values["severity"] or Round.Severity.BESIDE,
            severity_reason=values["severity_reason"],
            disclosure=values["disclosure"] or Round.Disclosure.SUMS,
            top_up=values["top_up"] or 0,
        )

    def settings(self) -> dict[str, Any]:
        """What `prepare_round` and `change_round` both take."""
        values = self.cleaned_data
        return {
            "initiatives": values["initiatives"],
            "panel": self.seats(),
            "terms": self.terms(),
            "calibration": values["calibration"],
            "calibration_size": values["calibration_size"] or 0,
            "per_initiative": values["per_initiative"],
            "places": values["places"],
            "due_at": self.due_at(),
            "title": values["title"],
        }

    def seat_rows(self) -> list[dict[str, Any]]:
        """For the page: one row for each person."""
        chosen = {str(one) for one in self["panel"].value() or []}
        return [
            {
                "user": user,
                "name": user.get_full_name() or user.username,
                "department": user.department,
                "checked": str(user.pk) in chosen,
                "capacity": self[f"capacity_{user.pk}"],
                "team": self[f"team_{user.pk}"] if self.has_teams else None,
            }
            for user in self.people
        ]

    def initiative_rows(self) -> list[dict[str, Any]]:
        """For the page: one row for each initiative that is ready."""
        field = self.fields["initiatives"]
        assert isinstance(field, forms.ModelChoiceField)
        inside = {str(one) for one in self["initiatives"].value() or []}
        everyone = {str(one) for one in self["calibration"].value() or []}
        return [
            {"initiative": one, "checked": str(one.pk) in inside, "everyone": str(one.pk) in everyone}
            for one in field.queryset or []
        ]

    def due_at(self) -> datetime | None:
        """The end of the day that was chosen, in the city's time."""
        day = self.cleaned_data["due"]
        if day is None:
            return None
        midnight = datetime.combine(day + timedelta(days=1), time.min)
        return timezone.make_aware(midnight) - timedelta(minutes=1)


def _stages(versions: Any) -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    for version in versions:
        for stage in schema.parse(version.document).stages:
            if stage.unit == "initiatives":
                found.setdefault(stage.key, localized(dict(stage.label)))
    return list(found.items())


def _initial(
    programme: Programme, round: Round | None, ready: Any, version: PolicyVersion | None
) -> dict[str, Any]:
    if round is not None:
        return {
            "title": round.title,
            "per_initiative": round.per_initiative,
            "places": round.places,
            "due": timezone.localtime(round.due_at).date() if round.due_at else None,
            "panel": list(round.panel.values_list("user_id", flat=True)),
            "initiatives": list(round.entries.values_list("initiative_id", flat=True)),
            "calibration": list(
                round.entries.filter(calibration=True).values_list("initiative_id", flat=True)
            ),
            "calibration_size": round.entries.filter(calibration=True).count(),
            "top_up": round.top_up,
            "severity": round.severity,
            "severity_reason": round.severity_reason,
            "disclosure": round.disclosure,
            "version": round.version,
        }
    people = programme.memberships.filter(role=Role.ASSESSOR).values_list("user_id", flat=True)
    policy = schema.parse(version.document) if version else None
    return {
        "policy_version": version,
        "per_initiative": policy.assessors_per_initiative if policy else 3,
        "places": programme.places,
        "panel": list(people),
        "calibration_size": min(5, ready.count()),
        "top_up": 0,
        "severity": Round.Severity.BESIDE,
        "disclosure": Round.Disclosure.SUMS,
        "initiatives": list(ready.values_list("pk", flat=True)),
    }


class MoveForm(forms.Form):
    """A press of a button on a round as it was seen."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class PublishForm(MoveForm):
    """Publishing, or the preview of it. Past a limit (`over`) it is ticked, with a reason."""

    go_on = forms.BooleanField(label=gettext_lazy("Publish all the same"), required=False)
    over_reason = forms.CharField(
        label=gettext_lazy("Why all the same"),
        help_text=gettext_lazy("It stays on the timeline of the round. The public does not read it."),
        max_length=500,
        required=False,
    )

    def __init__(self, *args: Any, over: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.over = over

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self.over and not cleaned.get("go_on"):
            self.add_error("go_on", _("Tick this to publish past the limits."))
        if self.over and not cleaned.get("over_reason"):
            self.add_error("over_reason", _("Say why."))
        return cleaned


class GateForm(forms.Form):
    """What staff found on one gate of one initiative."""

    gate = forms.ChoiceField(label=gettext_lazy("Condition"))
    verdict = forms.ChoiceField(
        label=gettext_lazy("Finding"),
        choices=[
            (GateCheck.Verdict.FAIL, gettext_lazy("not met: it leaves the ranking")),
            (GateCheck.Verdict.NEEDS_INFORMATION, gettext_lazy("not known: more information is needed")),
            (GateCheck.Verdict.WAIVED, gettext_lazy("waived: it goes on all the same")),
            ("", gettext_lazy("take the finding back")),
        ],
        required=False,
        widget=forms.RadioSelect,
    )
    reason = forms.ChoiceField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("For “not met” and “waived”. Left out, it is the condition’s own."),
        required=False,
    )
    text = LocalizedFormField(label=gettext_lazy("What the public will read"), rows=3, required=False)

    def __init__(self, *args: Any, policy: schema.Policy, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        gate = self.fields["gate"]
        assert isinstance(gate, forms.ChoiceField)
        gate.choices = [(one.key, localized(dict(one.label))) for one in policy.gates]
        reason = self.fields["reason"]
        assert isinstance(reason, forms.ChoiceField)
        reason.choices = [("", "–"), *((one.code, localized(dict(one.label))) for one in policy.reasons)]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("verdict") and not cleaned.get("text") and "text" not in self.errors:
            self.add_error("text", _("Write what the public will read."))
        return cleaned
