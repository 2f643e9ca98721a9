"""A file of residents' ballots to read, and the budget to count them by."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from prioritisation.services.ballots import LARGEST_FILE


class BallotFileForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File of ballots"),
        help_text=gettext_lazy(
            "A .pb file, or a CSV with one row a ballot and a column “approved” that lists the initiatives’ "
            "numbers. A column “voter” helps to find second ballots; it is not kept."
        ),
        allow_empty_file=True,
    )
    most = forms.IntegerField(
        label=gettext_lazy("Most initiatives on one ballot"),
        help_text=gettext_lazy("Ballots with more are refused. Empty: as many as one likes."),
        min_value=1,
        max_value=10_000,
        required=False,
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise forms.ValidationError(_("This file is too large: at most 20 MB."))
        return file


class CountForm(forms.Form):
    budget = forms.DecimalField(
        label=gettext_lazy("Money to spend"),
        help_text=gettext_lazy("In the currency of the costs."),
        min_value=Decimal("0.01"),
        max_digits=15,
        decimal_places=2,
    )
