"""Making a programme, and who works in it."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from engagement.forms.choices import SeveralField
from engagement.localized import LocalizedFormField
from engagement.models import Call, User
from prioritisation.models import Membership, Programme

FIELDS = ("title", "intro", "body", "places", "starts_on", "ends_on", "second_person", "second_approver")


class DateInput(forms.DateInput):
    """A date as browsers ask for it, whatever the language."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class ProgrammeForm(forms.Form):
    """One planning exercise. Its short name is part of addresses: it is chosen once."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    title = LocalizedFormField(label=_("Title"), rows=1)
    slug = forms.SlugField(
        label=_("Short name in addresses"),
        help_text=_(
            "Small letters, digits and hyphens, for example digital-city. It cannot be changed later."
        ),
        max_length=50,
    )
    intro = LocalizedFormField(label=_("What it is for"), required=False, rows=3)
    body = LocalizedFormField(
        label=_("Who decides"),
        help_text=_("The body in whose name decisions are published, for example the city council."),
        required=False,
        rows=1,
    )
    calls = SeveralField(
        label=_("Invitations whose ideas it works up"),
        queryset=Call.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    places = forms.IntegerField(
        label=_("How many initiatives are to be chosen"),
        help_text=_("The line in the ranking, for example 70."),
        required=False,
        min_value=1,
        max_value=100_000,
    )
    starts_on = forms.DateField(label=_("From"), required=False, widget=DateInput())
    ends_on = forms.DateField(label=_("To"), required=False, widget=DateInput())
    second_person = forms.BooleanField(
        label=_("A second person publishes the decisions"),
        help_text=_("Off, whoever prepared the decisions may publish them, and the plan says so."),
        required=False,
    )
    second_approver = forms.BooleanField(
        label=_("A second person approves the scoring rules"),
        help_text=_("On, nobody approves rules that they wrote or changed themselves."),
        required=False,
    )

    def __init__(self, *args: Any, programme: Programme | None, **kwargs: Any) -> None:
        kwargs.setdefault("initial", initial_of(programme))
        super().__init__(*args, **kwargs)
        calls = self.fields["calls"]
        assert isinstance(calls, forms.ModelMultipleChoiceField)
        calls.queryset = Call.objects.all()
        if programme is not None:
            del self.fields["slug"]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        starts, ends = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts and ends and ends < starts:
            self.add_error("ends_on", _("This is before it starts."))
        return cleaned

    def values(self) -> dict[str, Any]:
        """For `services.save_programme`."""
        names = [name for name in ("slug", *FIELDS) if name in self.fields]
        return {name: self.cleaned_data[name] for name in names}

    def overwrite(self, version: int) -> None:
        """Who was told that somebody else changed it, and saves again, means it."""
        data = QueryDict(mutable=True)
        data.update(self.data)
        data[self.add_prefix("version")] = str(version)
        self.data = data


def initial_of(programme: Programme | None) -> dict[str, Any]:
    if programme is None:
        return {"second_person": True}
    values: dict[str, Any] = {name: getattr(programme, name) for name in FIELDS}
    return {
        **values,
        "version": programme.version,
        "calls": [call.pk for call in programme.calls.all()],
    }


class MemberForm(forms.Form):
    """Somebody of the staff, in one role. A person may have several."""

    user = forms.ModelChoiceField(
        label=_("Who"), queryset=User.objects.none(), empty_label=_("Choose a person")
    )
    role = forms.ChoiceField(label=_("Role in this programme"), choices=Membership.ROLES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        user = self.fields["user"]
        assert isinstance(user, forms.ModelChoiceField)
        user.queryset = User.objects.filter(is_staff=True, is_active=True).order_by(
            "last_name", "first_name", "username"
        )
