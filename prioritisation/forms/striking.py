"""Whose scores are to leave a closed round, and on which initiatives."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from engagement.forms.choices import SeveralField
from engagement.models import User
from prioritisation.forms.panels import PersonField
from prioritisation.models import Assignment, Round


class WhoForm(forms.Form):
    person = PersonField(User.objects.none(), label=gettext_lazy("Assessor"))

    def __init__(self, *args: Any, round: Round, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.filter(pk__in=_counted(round).values("assessor")).select_related("department")
        field = self.fields["person"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = people.order_by("last_name", "username")


class _InitiativesField(SeveralField):
    def label_from_instance(self, obj: Any) -> str:
        initiative = obj.entry.initiative
        return f"{initiative.reference} · {initiative.shown_title}"


class StrikeForm(forms.Form):
    assignments = _InitiativesField(
        Assignment.objects.none(),
        label=gettext_lazy("Initiatives"),
        help_text=gettext_lazy("All that this person handed in and that counts so far."),
        widget=forms.CheckboxSelectMultiple,
    )
    reason = forms.CharField(
        label=gettext_lazy("What the conflict is"),
        help_text=gettext_lazy(
            "It stands on the ranking and on the public page. Name nobody, write nothing private: who "
            "compares the lists can work out the scores left out, and must not learn whose they are."
        ),
        max_length=300,
    )

    def __init__(self, *args: Any, round: Round, person: User | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["assignments"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        rows = _counted(round).filter(assessor=person)
        field.queryset = rows.select_related("entry__initiative").order_by("entry__initiative__reference")


def _counted(round: Round) -> Any:
    handed_in = Assignment.objects.filter(entry__round=round, assessment__submitted_at__isnull=False)
    return handed_in.without_conflict()
