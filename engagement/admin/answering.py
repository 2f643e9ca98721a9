"""Lists of what waits for one answer, such as appeals and ideas passed on: a page with one form ends each."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy

from engagement import services
from engagement.admin import previews
from engagement.admin.base import ReadOnlyAdmin
from engagement.admin.refusals import tell
from engagement.admin.submissions import age
from engagement.tasks import nudge_mail


class AnswerPages(ReadOnlyAdmin):
    """Of records with an `idea` and an `asked_at`, oldest first; the mail is shown before it leaves."""

    actions = None
    page: str
    """The last part of the address to which the form is sent, and of its name."""
    opened_by: tuple[str, ...]
    """Permissions, any of which opens the list."""
    answer_form: type[forms.Form]
    done: Any
    """The sentence that says so, with a place for `reference`."""

    def answer(self, record: Any, form: forms.Form, *, by: Any, at: datetime) -> object:
        """Calls the one service."""
        raise NotImplementedError

    def empty_form(self, record: Any) -> forms.Form:
        return self.answer_form()

    def form_context(self, request: HttpRequest, record: Any, form: Any) -> dict[str, Any]:
        """What the page shows beside the form."""
        raise NotImplementedError

    def may_answer(self, request: HttpRequest, record: Any) -> bool:
        return True

    def for_reader(self, request: HttpRequest, preview: dict[str, Any]) -> dict[str, Any]:
        """The mails as far as this person may see them."""
        return preview

    # The list -----------------------------------------------------------------------------------

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_active and any(request.user.has_perm(name) for name in self.opened_by)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_ordering(self, request: HttpRequest) -> Any:
        return ["asked_at", "pk"]

    @admin.display(description=gettext_lazy("idea"))
    def reference(self, record: Any) -> str:
        return str(record.idea.reference)

    @admin.display(description=gettext_lazy("asked"), ordering="asked_at")
    def asked(self, record: Any) -> str:
        return age(record.asked_at)

    # One of them, with the form -----------------------------------------------------------------

    def get_urls(self) -> Any:
        name = f"{self.opts.app_label}_{self.opts.model_name}_{self.page}"
        page = self.admin_site.admin_view(self.answer_view)
        return [path(f"<int:pk>/{self.page}/", page, name=name), *super().get_urls()]

    def detail_context(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        return self._context(request, record, self.empty_form(record))

    def _context(self, request: HttpRequest, record: Any, form: forms.Form) -> dict[str, Any]:
        ideas: Any = self.admin_site.get_model_admin(type(record.idea))
        return {
            "idea": record.idea,
            "form": form,
            "address": self.url(self.page, record.pk),
            "media": self.media + form.media,
            # The idea's own page at the desk, for who may open it.
            "idea_url": ideas.detail_url(record.idea_id) if ideas.has_view_permission(request) else "",
            **self.form_context(request, record, form),
        }

    def answer_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = self.record(request, str(pk))
        if request.method != "POST":
            return HttpResponseRedirect(self.detail_url(pk))
        if not self.may_answer(request, record):
            raise PermissionDenied
        form, preview = self.answer_form(request.POST), None
        if previews.asked(request):
            preview = self._preview(request, record, form)
            if previews.part_asked(request):
                return previews.part(request, preview)
        elif form.is_valid() and self._answered(request, record, form):
            return HttpResponseRedirect(self.url("changelist"))
        context = {**self.page_context(request, ""), "record": record, "preview": preview}
        context |= self._context(request, record, form)
        return TemplateResponse(request, self.detail_template, context, status=200 if preview else 422)

    def _preview(self, request: HttpRequest, record: Any, form: forms.Form) -> dict[str, Any] | None:
        """What the answer would mail; nothing where the form or the service refuses it."""
        if not form.is_valid():
            return None
        fresh = self.record(request, str(record.pk))
        try:
            found = previews.shown(lambda at: self.answer(fresh, form, by=request.user, at=at))
        except services.Refused as refusal:
            tell(form, refusal)
            return None
        return self.for_reader(request, found)

    def _answered(self, request: HttpRequest, record: Any, form: forms.Form) -> bool:
        try:
            self.answer(record, form, by=request.user, at=timezone.now())
        except services.Refused as refusal:
            tell(form, refusal)
            return False
        nudge_mail()
        messages.success(request, self.done % {"reference": record.idea.reference})
        return True
