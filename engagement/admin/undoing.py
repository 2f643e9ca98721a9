"""Undo: takes back what was just done, one record or a whole list of them."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from engagement import services
from engagement.admin.returning import safe_next
from engagement.admin.verbs import Chosen, Verb, VerbAdmin, VerbForm


class UndoPages(VerbAdmin):
    """The button beside the message after a verb, and on the record's page while it may still be used."""

    undone_template = "admin/engagement/undone.html"

    def get_urls(self) -> Any:
        name = f"{self.opts.app_label}_{self.opts.model_name}_undo"
        return [path("undo/", self.admin_site.admin_view(self.undo_view), name=name), *super().get_urls()]

    def _told(self, verb: Verb, form: VerbForm, done: list[Any]) -> str:
        told = super()._told(verb, form, done)
        if not self.moves[verb.name].can_undo:
            return told
        # The message has no form of its own: the frame around it holds one (admin/base_site.html).
        return format_html(
            '{} <button type="submit" form="undo-form" formaction="{}" name="selected" value="{}"'
            ' class="w-undo" data-key="u" aria-keyshortcuts="u">{}'
            ' <kbd class="w-key" aria-hidden="true">U</kbd></button>',
            told,
            self.url("undo"),
            ",".join(f"{record.pk}:{record.version}" for record in done),
            _("Undo"),
        )

    def undo_view(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST" or not self.has_view_permission(request):
            raise PermissionDenied
        chosen = self._chosen(request)
        back = safe_next(request, self.url("changelist"))
        if not chosen:
            messages.warning(request, _("Nothing is selected."))
            return HttpResponseRedirect(back)
        done, refused = _undo(chosen, request.user)
        if len(chosen) == 1:
            return self._one_undone(request, chosen[0][0], [refusal for _record, refusal in refused])
        told = ngettext("%(n)d step undone.", "%(n)d steps undone.", len(done)) % {"n": len(done)}
        if not refused:
            messages.success(request, told)
            return HttpResponseRedirect(back)
        context = {
            **self.page_context(request, told),
            "done": [self.verb_row(record, "") for record in done],
            "refused": [(self.verb_row(record, ""), refusal.message) for record, refusal in refused],
            "back": back,
        }
        return TemplateResponse(request, self.undone_template, context)

    def _one_undone(
        self, request: HttpRequest, record: Any, refusals: list[services.Refused]
    ) -> HttpResponse:
        """Opens the record again, as it was: whoever undoes wants to decide otherwise."""
        if refusals:
            messages.error(request, _("%(what)s: %(words)s") % {"what": record, "words": refusals[0].message})
        else:
            messages.success(request, _("%(record)s is as it was: nobody was told.") % {"record": record})
        return HttpResponseRedirect(self.detail_url(record.pk, request.POST.get("filters", "")))


def _undo(chosen: Chosen, by: Any) -> tuple[list[Any], list[tuple[Any, services.Refused]]]:
    """Those that are as they were, and those that are not, each with the reason."""
    done: list[Any] = []
    refused: list[tuple[Any, services.Refused]] = []
    at = timezone.now()
    for record, version in chosen:
        try:
            services.undo_move(record=record, by=by, at=at, version=version)
        except services.Refused as refusal:
            refused.append((record, refusal))
        else:
            done.append(record)
    return done, refused
