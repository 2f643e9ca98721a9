"""How pages answer, where the plain shortcut is not enough."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from engagement.services import Refused


class SeeOther(HttpResponseRedirect):
    """303: what was posted is done, read the next page with GET."""

    status_code = 303


def refused(form: forms.Form, error: Refused) -> None:
    """A service's refusal, beside the field it concerns where the form has it."""
    form.add_error(error.field if error.field in form.fields else None, str(error.message))


def private_page(
    request: HttpRequest, template: str, context: dict[str, Any], *, has_form: bool = False, status: int = 200
) -> HttpResponse:
    """A page that only the holder of its link reads: kept by no cache, found by no search engine.

    Its address is a secret, so no other site may learn it. A page with a form says `same-origin`: under
    `no-referrer` browsers send `Origin: null` with the form, and the forgery check refuses it.
    """
    response = render(request, template, context, status=status)
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "same-origin" if has_form else "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
