"""Putting a record on legal hold, and lifting it: a page of its own, as no state of the record changes."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement import services
from engagement.admin.refusals import tell
from engagement.admin.verbs import VerbAdmin
from engagement.models import LegalHold

MAY = "engagement.hold_record"


class HoldForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        help_text=gettext_lazy("Such as the court's or the request's number. Only staff read it."),
        error_messages={"required": gettext_lazy("Write why.")},
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class HoldPages(VerbAdmin):
    def get_urls(self) -> Any:
        name = f"{self.opts.app_label}_{self.opts.model_name}_hold"
        page = self.admin_site.admin_view(self.hold_view)
        return [path("<int:pk>/hold/", page, name=name), *super().get_urls()]

    def hold_facts(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        """For the record's page: the hold that protects it, and the way to the page for who may use it."""
        standing = LegalHold.objects.standing().over(record).select_related("by", "idea", "report").first()
        may = request.user.has_perm(MAY)
        return {"hold": standing, "hold_url": self.url("hold", record.pk) if may else ""}

    def hold_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = self.record(request, str(pk))
        if not request.user.has_perm(MAY):
            raise PermissionDenied
        held = record.legal_holds.standing().exists()
        form = HoldForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            verb = services.lift_hold if held else services.place_hold
            try:
                verb(record=record, by=request.user, at=timezone.now(), reason=form.cleaned_data["reason"])  # type: ignore[arg-type]
            except services.Refused as refusal:
                tell(form, refusal)
            else:
                messages.success(request, _("Legal hold lifted.") if held else _("Put on legal hold."))
                return HttpResponseRedirect(self.detail_url(pk))
        title = _("Lift the legal hold of %(record)s") if held else _("Put %(record)s on legal hold")
        context = {
            **self.page_context(request, title % {"record": record}),
            "record": record,
            "form": form,
            "held": held,
            "back": self.detail_url(pk),
        }
        return TemplateResponse(request, "admin/engagement/hold.html", context)
