"""Blacking out parts of a photo, and showing it whole again: a page of its own beside the record's."""

from io import BytesIO
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http import HttpResponseRedirect as Redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _

from engagement import services
from engagement.admin.base import ReadOnlyAdmin
from engagement.forms.photo_boxes import SIDES, BoxesForm
from engagement.models import Photo
from engagement.photos import PhotoError, black_out


class PhotoPages(ReadOnlyAdmin):
    def get_urls(self) -> Any:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        page = self.admin_site.admin_view(self.photo_view)
        drawn = self.admin_site.admin_view(self.photo_drawn_view)
        return [
            path("<int:pk>/photos/<int:photo>/", page, name=f"{name}_photo"),
            path("<int:pk>/photos/<int:photo>/drawn/", drawn, name=f"{name}_photo_drawn"),
            *super().get_urls(),
        ]

    def photo_rows(self, request: HttpRequest, record: Any) -> list[tuple[Photo, str]]:
        """The record's photos, each with the page that blacks parts out for who may."""
        found = list(record.photos.all())
        may = bool(found) and services.may_redact(self._of(found[0], record), request.user)  # type: ignore[arg-type]
        return [(photo, self.url("photo", record.pk, photo.pk) if may else "") for photo in found]

    def _of(self, photo: Photo, record: Any) -> Photo:
        """The photo with its record at hand."""
        setattr(photo, str(self.opts.model_name), record)
        return photo

    def _photo(self, request: HttpRequest, pk: int, photo: int) -> tuple[Any, Photo]:
        record = self.record(request, str(pk))
        found = record.photos.filter(pk=photo).first()
        if found is None:
            raise Http404
        if not services.may_redact(self._of(found, record), request.user):  # type: ignore[arg-type]
            raise PermissionDenied
        return record, found

    def photo_view(self, request: HttpRequest, pk: int, photo: int) -> HttpResponse:
        record, found = self._photo(request, pk, photo)
        done = request.POST.get("do", "")
        form = BoxesForm(request.POST if request.method == "POST" and done != "whole" else None)
        refusal = ""
        if request.method == "POST":
            try:
                told = self._save(request, found, form, done)
            except services.Refused as refused:
                refusal = str(refused.message)
            else:
                if told:
                    messages.success(request, told)
                    return Redirect(self.url("photo", pk, photo))
        drawn = self.url("photo_drawn", pk, photo)
        previewed = form.is_bound and form.is_valid() and not refusal
        context = {
            **self.page_context(request, _("Black out parts of a photo")),
            "record": record,
            "photo": found,
            "form": form,
            "refusal": refusal,
            "sides": SIDES.values(),
            "previewed": previewed,
            "plain_url": drawn,
            "picture_url": f"{drawn}?{_boxes_query(form)}" if previewed else drawn,
            "back": self.detail_url(pk),
        }
        bad = bool(refusal) or (form.is_bound and not previewed)
        return TemplateResponse(request, "admin/engagement/photo.html", context, status=422 if bad else 200)

    def _save(self, request: HttpRequest, photo: Photo, form: BoxesForm, done: str) -> str:
        """What was done, in words; nothing where only a preview is asked for or something is missing."""
        who: dict[str, Any] = {"by": request.user, "at": timezone.now()}
        if done == "whole":
            services.unredact_photo(photo=photo, seen=request.POST.get("seen", ""), **who)
            return _("The whole photo is shown again.")
        if not form.is_valid() or done != "save":
            return ""
        services.redact_photo(photo=photo, boxes=form.boxes, **who)
        return _("Saved. Everybody now sees the photo with black boxes.")

    def photo_drawn_view(self, request: HttpRequest, pk: int, photo: int) -> HttpResponse | FileResponse:
        """The picture as it is shown, with the boxes of the address drawn on it: a preview, kept nowhere."""
        _record, found = self._photo(request, pk, photo)
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        file = found.redacted or found.file
        try:
            with file.open("rb") as opened:
                data = opened.read()
            kind = "image/png" if str(file.name).endswith(".png") else "image/jpeg"
            form = BoxesForm(request.GET)
            if form.is_valid():
                picture = black_out(data, form.boxes)
                data, kind = picture.data, picture.content_type
        except (FileNotFoundError, PhotoError) as error:
            raise Http404 from error
        response = FileResponse(BytesIO(data), content_type=kind)
        response["Cache-Control"] = "no-store"
        return response


def _boxes_query(form: BoxesForm) -> str:
    return urlencode({name: form.data[name] for name in form.fields if form.data.get(name)})
