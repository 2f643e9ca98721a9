"""Where a photo is blacked out: up to ten boxes, each as four numbers in per cent."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement.photos import MOST_BOXES, Box

SIDES: dict[str, Any] = {
    "left": gettext_lazy("From the left"),
    "top": gettext_lazy("From the top"),
    "width": gettext_lazy("Width"),
    "height": gettext_lazy("Height"),
}


class BoxesForm(forms.Form):
    """Fields `box1-left` to `box10-height`; a box of four empty fields is none."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in range(1, MOST_BOXES + 1):
            for side, label in SIDES.items():
                self.fields[f"box{number}-{side}"] = _per_cent(
                    _("Box %(n)d: %(what)s") % {"n": number, "what": label}, side in ("left", "top")
                )

    @property
    def rows(self) -> Iterator[tuple[int, list[Any]]]:
        for number in range(1, MOST_BOXES + 1):
            yield number, [self[f"box{number}-{side}"] for side in SIDES]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        self.boxes: list[Box] = []
        for number in range(1, MOST_BOXES + 1):
            names = [f"box{number}-{side}" for side in SIDES]
            if any(name in self.errors for name in names):
                continue
            missing = [name for name in names if given.get(name) is None]
            if not missing:
                self.boxes.append(Box(*(float(given[name]) for name in names)))
            elif len(missing) < len(names):
                self.add_error(missing[0], _("Fill in all four numbers of this box, or none."))
        if not self.boxes and not self.errors:
            self.add_error(None, _("Draw at least one box."))
        return given


def _per_cent(label: str, is_corner: bool) -> forms.DecimalField:
    least, most = (0, 99) if is_corner else (1, 100)
    told = _("Give a number from %(least)d to %(most)d.") % {"least": least, "most": most}
    return forms.DecimalField(
        label=label,
        required=False,
        min_value=least,
        max_value=most,
        max_digits=5,
        decimal_places=2,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value", "max_digits", "max_decimal_places", "max_whole_digits"),
            told,
        ),
        widget=forms.NumberInput(attrs={"step": "any", "aria-label": label, "inputmode": "decimal"}),
    )
