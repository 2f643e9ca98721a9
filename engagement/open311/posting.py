"""A problem report that another system sends, with its key."""

import hashlib
import hmac
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.forms import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone, translation
from django.utils.html import strip_tags

from engagement import services, tasks
from engagement.flags import Signs
from engagement.forms.photo import PHOTO_BYTES, cleaned_photo
from engagement.forms.place import is_elsewhere
from engagement.forms.questions import PREFIX
from engagement.forms.reports import ReportForm
from engagement.localized import localized
from engagement.models import Report, ReportService
from engagement.open311.answers import Fault, answer
from engagement.open311.catalogue import offered
from engagement.open311.parameters import given
from engagement.open311.resources import check_jurisdiction, count, language
from engagement.photos import CleanPhoto

REPORTS_AN_HOUR = 1_000
"""Of one key: it stands for a whole system, so its network says nothing."""
MOST_BYTES = services.PHOTOS_A_RECORD * PHOTO_BYTES + settings.DATA_UPLOAD_MAX_MEMORY_SIZE
_ATTRIBUTE = re.compile(r"attribute\[([^\[\]]+)\](?:\[\])?")
_PHOTO = re.compile(r"media(?:\[\])?|photo\d*")
_FIELDS = {"address": "address_string", "name": "first_name, last_name", "__all__": "request"}
"""What a field of the form is called in Open311, where it is not the same."""


def take(request: HttpRequest, format: str) -> HttpResponse:
    """One report sent, and its reference as the answer."""
    who = _holder(request)
    data = request.POST
    check_jurisdiction(data)
    with translation.override(language(data if given(data, "locale") else request.GET)):
        service = _service(data)
        form = ReportForm(_as_the_form_has_it(data), service=service)
        photos, refused = _photos(request)
        if told := [*_missing_place(data), *_faults(form), *_elsewhere(form), *refused]:
            raise Fault(400, *told)
        count("open311-report", who, REPORTS_AN_HOUR, 3600)
        report = _submit(who, form, service, photos, data)
        tasks.nudge_mail()
        row = {
            "service_request_id": report.reference,
            "service_notice": localized(service.notice) or None,
            "account_id": None,
        }
        return answer(format, "service_requests", [row])


def _holder(request: HttpRequest) -> str:
    """The name of who holds the key that came along, in the body or in the address."""
    if not settings.WINNOW_OPEN311_KEYS:
        raise Fault(403, "This city takes no reports over Open311: no key was given out")
    size = str(request.META.get("CONTENT_LENGTH") or "")
    if size.isdecimal() and int(size[:18]) > MOST_BYTES:  # before any of it is read
        raise Fault(413, "The request is larger than we take")
    key = given(request.POST, "api_key") or given(request.GET, "api_key")
    if not key:
        raise Fault(403, "api_key required")
    # Each is compared, and whole: how long it takes tells nothing of a key.
    keys = settings.WINNOW_OPEN311_KEYS.items()
    found = [name for name, one in keys if hmac.compare_digest(one.encode(), key.encode())]
    if not found:
        raise Fault(403, "api_key: not known here")
    return found[0]


def _service(data: QueryDict) -> ReportService:
    code = given(data, "service_code")
    if not code:
        raise Fault(400, "service_code required", *_missing_place(data))
    service: ReportService | None = next((one for one in offered() if one.code == code), None)
    if service is None:
        raise Fault(404, "service_code: not known here")
    return service


def _missing_place(data: QueryDict) -> Iterator[str]:
    """A point has two numbers on Earth; without one an address in words will do."""
    lat, long = given(data, "lat"), given(data, "long")
    for name, text, other, limit in (("lat", lat, long, 90), ("long", long, lat, 180)):
        if other and not text:
            yield f"{name} required"
        elif text and not _is_degrees(text, limit):
            yield f"{name}: no number from -{limit} to {limit}"
    if not (lat or long or given(data, "address_string")):
        known = " (address_id is not known here)" if given(data, "address_id") else ""
        yield f"lat and long required, or address_string{known}"


def _elsewhere(form: ReportForm) -> Iterator[str]:
    """A browser's map shows the city; an app sends from wherever its owner is."""
    place = form.place() if form.is_valid() else None
    if place is None or place.district or place.latitude is None or place.longitude is None:
        return
    if is_elsewhere(place.latitude, place.longitude):
        yield "lat, long: outside of this city"


def _is_degrees(text: str, limit: int) -> bool:
    return (
        re.fullmatch(r"[+-]?\d{1,3}(\.\d{1,30})?", text, re.ASCII) is not None and abs(float(text)) <= limit
    )


def _as_the_form_has_it(data: QueryDict) -> QueryDict:
    """The same under the names of the public form. What that form does not ask, such as a phone number,
    is not taken; nor is an agreement that nobody gave."""
    made = QueryDict(mutable=True)
    made["description"] = strip_tags(str(data.get("description", "")))
    made["address"] = strip_tags(given(data, "address_string"))
    made["latitude"], made["longitude"] = given(data, "lat"), given(data, "long")
    made["email"] = given(data, "email")
    made["name"] = " ".join(filter(None, (given(data, "first_name"), given(data, "last_name"))))
    for name, values in data.lists():
        if attribute := _ATTRIBUTE.fullmatch(name):
            field = PREFIX + attribute[1]
            made.setlist(field, [*made.getlist(field), *(value for value in values if value)])
    return made


def _faults(form: ReportForm) -> Iterator[str]:
    for field, errors in form.errors.as_data().items():
        if field == "where":
            continue  # in the words of the page; see `_missing_place`
        name = field.removeprefix(PREFIX)
        for error in errors:
            if error.code == "required":
                yield f"{name} required"
            else:
                yield f"{_FIELDS.get(field, name)}: {' '.join(error.messages)}"


def _photos(request: HttpRequest) -> tuple[list[CleanPhoto], list[str]]:
    """Photos under any of the names that clients use, drawn anew; and what is wrong with them."""
    sent = [file for name, files in request.FILES.lists() if _PHOTO.fullmatch(name) for file in files if file]
    if len(sent) > services.PHOTOS_A_RECORD:
        return [], [f"media: {services.PHOTOS_A_RECORD} photos at most"]
    clean, refused = [], []
    for file in sent:
        try:
            clean.append(cleaned_photo(file))
        except ValidationError as error:
            refused.append(f"media: {' '.join(error.messages)}")
    return clean, refused


def _submit(
    who: str, form: ReportForm, service: ReportService, photos: list[CleanPhoto], data: QueryDict
) -> Report:
    at = timezone.now()
    try:
        report = services.submit_report(
            service=service,
            draft=form.draft(translation.get_language() or settings.LANGUAGE_CODE),
            at=at,
            channel=Report.Channel.API,
            form_key=_same_within_a_minute(who, data, photos, at),
            signs=Signs(),
        )
        if not report.photos.exists():
            for photo in photos:
                # Who holds a key answers for what it sends: docs/api.md says so.
                services.attach_photo(record=report, photo=photo, caption="", rights_confirmed=True, at=at)
    except services.Refused as error:
        raise Fault(400, str(error)) from error
    return report


def _same_within_a_minute(who: str, data: QueryDict, photos: list[CleanPhoto], at: datetime) -> str:
    """What makes the same, sent again at once, one report: of this minute, or of the one before."""
    words: list[Any] = sorted((name, values) for name, values in data.lists() if name != "api_key")
    drawn = [hashlib.sha256(photo.data).hexdigest() for photo in photos]

    def key(minute: datetime) -> str:
        text = repr(("open311", who, f"{minute:%Y-%m-%d %H:%M}", words, drawn))
        return hashlib.sha256(text.encode(errors="replace")).hexdigest()

    before = key(at - timedelta(minutes=1))
    return before if Report.objects.filter(form_key=before).exists() else key(at)
