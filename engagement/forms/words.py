"""Words that somebody types in: as long as they like, and told when it is too long."""

from typing import Any

from django import forms


class WordsField(forms.CharField):
    """A text with a limit that the page says, not the browser.

    With `maxlength` a browser cuts what is pasted and tells nobody: the end of a letter would be lost.
    Without, the form comes back with all of it and says how long it may be. Words of any script stand from
    their own side (`dir`).
    """

    widget = forms.Textarea

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        attrs = super().widget_attrs(widget)
        attrs.pop("maxlength", None)
        return {**attrs, "dir": "auto"}
