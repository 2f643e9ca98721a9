"""Choosing several records in one field."""

from typing import TYPE_CHECKING, Any

from django import forms

if TYPE_CHECKING:
    ModelMultipleChoiceField = forms.ModelMultipleChoiceField[Any]
else:
    ModelMultipleChoiceField = forms.ModelMultipleChoiceField


class SeveralField(ModelMultipleChoiceField):
    """Several of a query set. A key that is larger than any the database can hold is simply not there."""

    def clean(self, value: Any) -> Any:
        try:
            return super().clean(value)
        except OverflowError as error:
            raise forms.ValidationError(self.error_messages["invalid_list"], code="invalid_list") from error


def is_key(text: str | None) -> bool:
    """Can `text`, out of an address, be the key of a record? Databases hold keys of 18 digits at least."""
    return text is not None and text.isdecimal() and len(text) < 19
