"""What staff tell of carrying an initiative out."""

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from engagement.localized import LocalizedFormField
from prioritisation.forms.programmes import DateInput
from prioritisation.models import Initiative
from prioritisation.services import MOST_OF_A_STEP
from prioritisation.workflow import DeliveryState

WITHOUT_DATE = ("deliver", "drop")
NEEDS_WORDS = ("drop", "take_up_again")


class StepForm(forms.Form):
    """One step, with the words for the public and the date of what is next. `verb` says which step."""

    text = LocalizedFormField(
        label=_("What senders and the public will read"),
        rows=4,
        required=False,
    )
    expected_on = forms.DateField(
        label=_("It is to be done by"),
        required=False,
        widget=DateInput(),
        validators=[MaxValueValidator(date(2999, 12, 31))],
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, verb: str, initiative: Initiative, **kwargs: Any) -> None:
        told: dict[str, Any] = {"version": initiative.version}
        if verb == "report_progress":
            told["expected_on"] = initiative.expected_on
        kwargs["initial"] = told
        super().__init__(*args, **kwargs)
        self.fields["text"].required = verb in NEEDS_WORDS
        # Put together here: filled in above, it would stay in the language that the server started with.
        self.fields["text"].help_text = _(
            "At most %(most)s characters in each language. Who reads the other is shown this one."
        ) % {"most": MOST_OF_A_STEP}
        if verb in WITHOUT_DATE:
            del self.fields["expected_on"]
        elif verb == "report_progress" and initiative.delivery_state == DeliveryState.PLANNED:
            self.fields["expected_on"].label = _("Work is to start by")

    def overwrite(self, version: int) -> None:
        """Who was told that somebody else changed it, and sends it again, means it."""
        data = QueryDict(mutable=True)
        data.update(self.data)
        data["version"] = str(version)
        self.data = data
