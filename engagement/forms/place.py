"""Where it is: a district or the whole city from a list, an address in words, a point on a map."""

from typing import Any

from django import forms
from django.utils.choices import CallableChoiceIterator
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


def _shape(district: District) -> Boundary:
    return Boundary(code=district.code, name=str(district), geometry=_geometry(district))


def _district_around(latitude: float, longitude: float) -> District | None:
    """The district of a point, for senders who used the map and not the list."""
    drawn = [d for d in District.objects.filter(active=True) if d.boundary]
    found = locate(latitude, longitude, [_shape(d) for d in drawn]) if drawn else None
    return None if found is None else drawn[found]


NEAR = 0.01
"""Degrees, about a kilometre: outlines are drawn coarsely, and a bank of a river is the city's too."""


def is_elsewhere(latitude: float, longitude: float) -> bool:
    """Does a point surely lie outside of the city? Nobody knows while a district is not drawn."""
    districts = list(District.objects.filter(active=True))
    if not districts or not all(d.boundary for d in districts):
        return False
    return locate(latitude, longitude, [_shape(d) for d in districts], NEAR) is None


def _geometry(district: District) -> dict[str, Any]:
    boundary: dict[str, Any] = district.boundary or {}
    geometry: dict[str, Any] = boundary.get("geometry", boundary)
    return geometry


class PlaceFields(forms.Form):
    """All three ways work alone and together. A point that makes no sense is dropped, not complained of:
    the map must never stand in the way of sending."""

    whole_city_offered = True
    place_required = False

    where = forms.CharField(label=_("Part of the city"), required=False, widget=PlainSelect)
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
        self._district: District | None = None
        for name in ("where", "address"):
            # One of several ways is enough: none is required by itself, but "optional" would be wrong.
            self.fields[name].one_of_several = self.place_required  # type: ignore[attr-defined]
        where = self.fields["where"].widget
        assert isinstance(where, PlainSelect)
        where.choices = CallableChoiceIterator(self._choices)

    def _choices(self) -> list[tuple[str, Any]]:
        """The list of the form. It is read where the form is shown, not where one is sent."""
        districts = District.objects.filter(active=True).only("code", "name")
        named = sorted(((district.code, str(district)) for district in districts), key=lambda one: one[1])
        everywhere = [(WHOLE_CITY, _("The whole city"))] if self.whole_city_offered else []
        return [("", _("Choose from the list")), *everywhere, *named]

    def clean_where(self) -> str:
        where: str = self.cleaned_data["where"]
        if where and not (where == WHOLE_CITY and self.whole_city_offered):
            self._district = District.objects.filter(active=True, code=where).defer("boundary").first()
            if self._district is None:
                message = forms.ChoiceField.default_error_messages["invalid_choice"]
                raise forms.ValidationError(message, code="invalid_choice", params={"value": where})
        return where

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
        district = self._district
        if point and not where:
            district = _district_around(*point)
        return Place(
            whole_city=where == WHOLE_CITY,
            district=district,
            address=self.cleaned_data.get("address", "").strip(),
            latitude=point[0] if point else None,
            longitude=point[1] if point else None,
        )
