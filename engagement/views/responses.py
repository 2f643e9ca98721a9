"""How pages answer, where the plain shortcut is not enough."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers, patch_cache_control

from engagement.services import Refused


class SeeOther(HttpResponseRedirect):
    """303: what was posted is done, read the next page with GET."""

    status_code = 303


def kept_for_going_back(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A form on which people write for long: its empty page may stay in the browser's own history.

    Of a page that may not, browsers forget what was typed as soon as it is left: who goes back from an answer
    such as "too large" would find an empty form. Answers to what was sent are kept nowhere.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = view(request, *args, **kwargs)
        if request.method == "POST":
            add_never_cache_headers(answer)
        else:
            patch_cache_control(answer, private=True, no_cache=True, must_revalidate=True, max_age=0)
        return answer

    return wrapped


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
