"""A draw by lot: announced, drawn, or called off."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from engagement.localized import LocalizedFormField
from prioritisation.services import MOST_OF_A_REPLY


class AnnounceForm(forms.Form):
    """`offered`: by which likeness somebody can be drawn among, with its words."""

    basis = forms.ChoiceField(label=_("Drawn among"), widget=forms.RadioSelect)
    seed_rule = LocalizedFormField(
        label=_("Where the seed will come from"),
        help_text=_(
            "A public number to come that nobody can choose, exactly enough that nobody can argue: which "
            "lottery, which day, which figures in which order."
        ),
        rows=2,
    )

    def __init__(self, *args: Any, offered: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        basis = self.fields["basis"]
        assert isinstance(basis, forms.ChoiceField)
        basis.choices = offered
        basis.initial = offered[0][0] if offered else None


class SeedForm(forms.Form):
    seed = forms.CharField(
        label=_("The seed, as it was published"),
        help_text=_("Check it twice: lots are drawn once."),
        max_length=200,
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class CancelForm(forms.Form):
    reason = LocalizedFormField(label=_("Why it is called off, for the public"), rows=2)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class ReplyForm(forms.Form):
    """What a department says to a decision. Both languages are welcome; one is enough."""

    text = LocalizedFormField(
        label=_("Your department’s reply"),
        rows=6,
        required=False,
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].help_text = _(
            "At most %(most)s characters in each language. The public reads it beside the decision. "
            "Empty takes it back."
        ) % {"most": MOST_OF_A_REPLY}
