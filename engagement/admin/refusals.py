"""What a service refused, said where it belongs."""

from django import forms

from engagement.services import Refused


def tell(form: forms.BaseForm, refusal: Refused) -> None:
    """At the field that it names, where the form has it, else above the form."""
    form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal.message))
