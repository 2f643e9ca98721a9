"""What is tried on a ranking: other weights, criteria, assessors, places, money. Read from the address."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from engagement.localized import localized
from prioritisation import what_if
from prioritisation.amounts import NotAnAmountError, plain_amount
from prioritisation.policies.schema import Policy

MOST_PLACES = 100_000
WRONG = ("invalid", "min_value", "max_value")
"""What can be wrong with a number that is typed: one message tells what is asked for."""


class WhatIfForm(forms.Form):
    """`stated`: the weights of the list as it stands, in hundredths by criterion.

    A weight comes with what stood there before (`was_...`), so that the others can keep their proportions
    also where no script moves them.
    """

    places = forms.IntegerField(
        label=gettext_lazy("Places"),
        min_value=1,
        max_value=MOST_PLACES,
        required=False,
        error_messages=dict.fromkeys(WRONG, gettext_lazy("Write a whole number, 1 or more.")),
    )
    budget = forms.CharField(
        label=gettext_lazy("Money for all that are in"),
        help_text=gettext_lazy("To compare with what they cost together. It moves nobody."),
        max_length=30,
        required=False,
    )

    def __init__(
        self,
        data: Any,
        *,
        policy: Policy,
        stated: Mapping[str, float],
        places: int | None,
        letters: list[str],
        **rest: Any,
    ) -> None:
        super().__init__(data, **rest)
        self.policy, self.stated, self.places_now = policy, dict(stated), places
        self.keys = list(stated)
        self.shown = what_if.tenths(self.stated)
        for key in self.keys:
            label = localized(dict(policy.criterion(key).label))
            self.fields[f"w_{key}"] = forms.FloatField(
                label=label,
                min_value=0,
                max_value=100,
                required=False,
                initial=self.shown[key],
                error_messages=dict.fromkeys(WRONG, _("Write a number from 0 to 100.")),
            )
            self.fields[f"was_{key}"] = forms.FloatField(
                min_value=0, max_value=100, required=False, widget=forms.HiddenInput
            )
        self.fields["without"] = forms.MultipleChoiceField(
            label=_("Leave out"),
            choices=[(key, localized(dict(policy.criterion(key).label))) for key in self.keys],
            required=False,
        )
        if letters:
            self.fields["leave"] = forms.MultipleChoiceField(
                label=_("Leave out an assessor"), choices=[(one, one) for one in letters], required=False
            )
        self.order_fields([f"w_{key}" for key in self.keys])  # errors are listed in the page's order

    def clean_budget(self) -> float | None:
        typed = self.cleaned_data["budget"].strip()
        if not typed:
            return None
        try:
            amount = float(plain_amount(typed, get_language() or "en"))
        except NotAnAmountError:
            raise ValidationError(_("Write an amount such as 1250000.")) from None
        if not 0 <= amount <= 1e13:
            raise ValidationError(_("Write an amount such as 1250000."))
        return amount

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if any(name.startswith(("w_", "was_")) for name in self.errors):
            return values
        typed = {key: _or(values[f"w_{key}"], self.shown[key]) for key in self.keys}
        before = {key: _or(values[f"was_{key}"], self.shown[key]) for key in self.keys}
        try:
            weights = what_if.shares(self.keys, typed, before)
        except what_if.TooMuchError:
            raise ValidationError(
                _("The weights that you changed come to more than 100% together. Lower one of them.")
            ) from None
        left = [key for key in self.keys if weights[key] > 0 and key not in values.get("without", ())]
        if not left:
            raise ValidationError(_("At least one criterion must weigh something."))
        # what was not touched is the weight as it stands, not what one decimal of it says
        untouched = all(round(weights[key] - self.shown[key], 6) == 0 for key in self.keys)
        values["weights"] = dict(self.stated) if untouched else weights
        return values

    def changes(self) -> dict[str, Any]:
        """What `rankings.preview` takes; empty where nothing is other than it is."""
        values = self.cleaned_data
        return what_if.changes(
            self.policy,
            self.stated,
            values["weights"],
            dropped_criteria=values.get("without", []),
            dropped_assessors=values.get("leave", []),
            places=values["places"],
            places_now=self.places_now,
        )


class AdoptForm(forms.Form):
    """The reason stands on the ranking, and the box is there so that nobody adopts by a slip."""

    reason = forms.CharField(
        label=gettext_lazy("Why the list is made again"),
        help_text=gettext_lazy("It stands on the ranking and on the public page."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    sure = forms.BooleanField(
        label=gettext_lazy("This becomes the list that decisions go by. The list before it stays readable.")
    )
    result = forms.IntegerField(widget=forms.HiddenInput)


def _or(typed: float | None, otherwise: float) -> float:
    return otherwise if typed is None else typed
