"""Where it is: a district or the whole city from a list, an address in words, a point on a map."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from engagement.boundaries import Boundary, locate
from engagement.forms.choices import PlainSelect
from engagement.models import District
from engagement.services import Place

WHOLE_CITY = "*"


def _number(text: str, limit: float) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if -limit <= value <= limit else None


def _district_around(latitude: float, longitude: float) -> District | None:
    """The district of a point, for senders who used the map and not the list."""
    drawn = [d for d in District.objects.filter(active=True) if d.boundary]
    shapes = [Boundary(code=d.code, name=str(d), geometry=_geometry(d)) for d in drawn]
    found = locate(latitude, longitude, shapes) if shapes else None
    return None if found is None else drawn[found]


def _geometry(district: District) -> dict[str, Any]:
    boundary: dict[str, Any] = district.boundary or {}
    geometry: dict[str, Any] = boundary.get("geometry", boundary)
    return geometry


class PlaceFields(forms.Form):
    """All three ways work alone and together. A point that makes no sense is dropped, not complained of:
    the map must never stand in the way of sending."""

    whole_city_offered = True
    place_required = False

    where = forms.ChoiceField(label=_("Part of the city"), required=False, widget=PlainSelect)
    address = forms.CharField(
        label=_("Address or place"),
        required=False,
        max_length=300,
        help_text=_("A street corner, a park, a building, a bus stop."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    latitude = forms.CharField(required=False, widget=forms.HiddenInput)
    longitude = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._districts = {d.code: d for d in District.objects.filter(active=True).only("code", "name")}
        choices: list[tuple[str, Any]] = [("", _("Choose from the list"))]
        if self.whole_city_offered:
            choices.append((WHOLE_CITY, _("The whole city")))
        choices += sorted(((code, str(d)) for code, d in self._districts.items()), key=lambda c: c[1])
        for name in ("where", "address"):
            # One of several ways is enough: none is required by itself, but "optional" would be wrong.
            self.fields[name].one_of_several = self.place_required  # type: ignore[attr-defined]
        where = self.fields["where"]
        assert isinstance(where, forms.ChoiceField)
        where.choices = choices

    def _point(self) -> tuple[float, float] | None:
        latitude = _number(self.cleaned_data.get("latitude", ""), 90)
        longitude = _number(self.cleaned_data.get("longitude", ""), 180)
        return None if latitude is None or longitude is None else (latitude, longitude)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        said = self.cleaned_data
        if self.place_required and not (
            said.get("where") or said.get("address") or self._point() or "where" in self.errors
        ):
            self.add_error(
                "where", _("Tell us where it is: choose a part of the city, write an address or use the map.")
            )
        return cleaned

    def place(self) -> Place:
        where = self.cleaned_data.get("where", "")
        point = self._point()
        district = self._districts.get(where)
        if point and not where:
            district = _district_around(*point)
        return Place(
            whole_city=where == WHOLE_CITY,
            district=district,
            address=self.cleaned_data.get("address", "").strip(),
            latitude=point[0] if point else None,
            longitude=point[1] if point else None,
        )
