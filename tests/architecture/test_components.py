"""The parts that pages are built of: help and errors belong to their control, lists keep their filters."""

import re
from typing import Any

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation


class Everything(forms.Form):
    text = forms.CharField(label="A short title", help_text="At most 80 characters.")
    email = forms.EmailField(label="Your e-mail", required=False, help_text="Nobody else sees it.")
    area = forms.CharField(label="What is the problem?", widget=forms.Textarea)
    choice = forms.ChoiceField(label="Where?", choices=[("", "Choose"), ("1", "Harbour")])
    radio = forms.ChoiceField(
        label="How?",
        widget=forms.RadioSelect,
        choices=[("a", "By e-mail"), ("b", "In person")],
        help_text="One.",
    )
    several = forms.MultipleChoiceField(
        label="Themes", required=False, widget=forms.CheckboxSelectMultiple, choices=[("a", "Parks")]
    )
    photo = forms.FileField(label="A photo", required=False)
    consent = forms.BooleanField(label="You may write to me.")
    trap = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        raise forms.ValidationError("This invitation closed on <3 May>.")


def written(form: forms.Form) -> str:
    fields = "".join(render_to_string("components/field.html", {"field": field}) for field in form)
    return render_to_string("components/error_summary.html", {"form": form}) + fields


def attributes(html: str, name: str) -> list[str]:
    return re.findall(rf'\b{name}="([^"]*)"', html)


@pytest.mark.parametrize("data", [None, {}, {"email": "nobody", "radio": "x", "several": ["x"]}])
def test_every_name_that_is_pointed_at_exists_once(data: dict[str, Any] | None) -> None:
    html = written(Everything(data))
    ids = attributes(html, "id")
    assert len(ids) == len(set(ids))
    pointed = [name for value in attributes(html, "aria-describedby") for name in value.split()]
    pointed += attributes(html, "for") + [link[1:] for link in attributes(html, "href")]
    assert pointed
    assert set(pointed) <= set(ids)


def test_each_error_stands_beside_its_field_and_in_the_summary() -> None:
    form = Everything({"email": "nobody"})
    html = written(form)
    for name, errors in form.errors.items():
        if name == "__all__":
            continue
        assert f'id="id_{name}_error"' in html
        field = form[name]
        place = f"{field.auto_id}_group" if field.use_fieldset else field.id_for_label
        assert f'href="#{place}"' in html
        assert all(str(error) in html for error in errors)
    assert "This invitation closed on &lt;3 May&gt;." in html
    assert html.count('aria-invalid="true"') >= len(form.errors) - 1


def test_no_errors_no_summary() -> None:
    assert "error-summary" not in written(Everything())


def test_optional_fields_say_so_and_required_ones_do_not() -> None:
    form = Everything()
    for name, optional in [
        ("text", False),
        ("email", True),
        ("radio", False),
        ("several", True),
        ("photo", True),
    ]:
        html = render_to_string("components/field.html", {"field": form[name]})
        assert ("(optional)" in html) is optional


def test_the_framework_renders_fields_with_the_same_template() -> None:
    form = Everything()
    assert (
        str(form["text"].as_field_group()).strip()
        == render_to_string("components/field.html", {"field": form["text"]}).strip()
    )


def test_pages_keep_the_filters() -> None:
    request = RequestFactory().get("/ideas/?q=tree&theme=2&theme=3&page=2")
    context = {"page_obj": Paginator(range(50), 10).page(2), "request": request}
    html = render_to_string("components/pager.html", context, request=request)
    assert "?q=tree&amp;theme=2&amp;theme=3&amp;page=1" in html
    assert "?q=tree&amp;theme=2&amp;theme=3&amp;page=3" in html


@pytest.mark.parametrize("language", ["en", "fr"])
def test_funnel_writes_numbers_that_svg_can_read(language: str) -> None:
    """A French comma in a coordinate would lose the picture."""
    funnel = {
        "received": 12345,
        "not_eligible": {"count": 45, "reasons": [{"code": "a", "label": "Sent <twice>", "count": 45}]},
        "stages": [
            {
                "key": "i",
                "unit": "ideas",
                "label": "ideas",
                "in": 12300,
                "out": 12299,
                "waiting": 1,
                "reasons": [],
            }
        ],
        "seams": [],
    }
    with translation.override(language):
        html = Template("{% load funnel %}{% funnel_picture funnel %}").render(Context({"funnel": funnel}))
    for name in ("x", "y", "width", "height", "viewBox", "font-size"):
        for value in attributes(html, name):
            assert re.fullmatch(r"-?[\d.]+( -?[\d.]+)*", value), (name, value)
    assert all("," not in path for path in attributes(html, "d"))
    assert html.count("<svg") == 2
    assert "<table" in html
    assert "Sent &lt;twice&gt;" in html
    ids = attributes(html, "id")
    assert len(ids) == len(set(ids))
    assert {name for value in attributes(html, "aria-labelledby") for name in value.split()} <= set(ids)


@pytest.mark.parametrize("template", ["400.html", "500.html", "503.html"])
def test_pages_of_last_resort_need_no_context(template: str) -> None:
    html = render_to_string(template)
    assert html.lstrip().startswith("<!DOCTYPE html>")
    assert "<h1>" in html
