"""Copies in the queue, as those of a campaign: a group is opened, and decided about at once.

The decision itself is made on the verb's own page, like any other of several ideas: each keeps its event,
its mail and its five minutes to undo; one that a colleague decided meanwhile is named, and the others go
through.
"""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from engagement import services
from engagement.admin.differences import compare
from engagement.admin.hand import short_hand
from engagement.admin.verbs import VerbAdmin
from engagement.models import Idea
from engagement.workflow import TRIAGE

AT_ONCE = 100
"""Ideas of a group that are shown and decided about at once; the next ones follow."""
VERBS = ("publish", "decline", "link_duplicate")


class CopiesPages(VerbAdmin):
    def get_urls(self) -> Any:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        wrap = self.admin_site.admin_view
        return [
            path("copies/", wrap(self.copies_view), name=f"{name}_copies"),
            path("copies/<int:pk>/", wrap(self.copies_group_view), name=f"{name}_copies_group"),
            *super().get_urls(),
        ]

    def copies_links(self, request: HttpRequest) -> list[tuple[str, str]]:
        """The way to the groups, with how many there are, for who may decide; none where there are none."""
        groups = services.waiting_copies() if request.user.has_perm(TRIAGE) else []
        if not groups:
            return []
        told = ngettext(
            "%(n)d group of copies: %(ideas)d ideas", "%(n)d groups of copies: %(ideas)d ideas", len(groups)
        )
        return [(told % {"n": len(groups), "ideas": sum(map(len, groups))}, self.url("copies"))]

    def copies_view(self, request: HttpRequest) -> HttpResponse:
        self._must_triage(request)
        groups = services.waiting_copies()
        firsts = self.get_queryset(request).in_bulk([group[0] for group in groups])
        rows = [
            {"idea": firsts[group[0]], "count": len(group), "url": self.url("copies_group", group[0])}
            for group in groups
            if group[0] in firsts
        ]
        context = {**self.page_context(request, _("Copies in the queue")), "rows": rows}
        return TemplateResponse(request, "admin/engagement/copies.html", context)

    def copies_group_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        self._must_triage(request)
        keys = next((group for group in services.waiting_copies() if pk in group), None)
        ideas = self.get_queryset(request).in_bulk(keys[:AT_ONCE]) if keys else {}
        members = [ideas[key] for key in keys or () if key in ideas]
        # A remembered group may have none left that this person may read.
        if keys is None or not members:
            messages.warning(request, _("This group is no longer there: its ideas were decided about."))
            return HttpResponseRedirect(self.url("copies"))
        fault = ""
        if request.method == "POST":
            address, fault = self._verb_address(request, members)
            if address:
                return HttpResponseRedirect(address)
        context = {
            **self.page_context(request, _("One decision for %(n)d copies") % {"n": len(keys)}),
            "first": members[0],
            "rows": [_row(request, idea, members[0], self.detail_url(idea.pk)) for idea in members],
            "count": len(keys),
            "later": len(keys) - len(members),
            "fault": fault,
            "kept": request.POST.getlist("selected") if fault else None,
            "stays": request.POST.get("original", "") or str(members[0].pk),
            "copies_url": self.url("copies"),
        }
        page = "admin/engagement/copies_group.html"
        return TemplateResponse(request, page, context, status=422 if fault else 200)

    def _must_triage(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request) or not request.user.has_perm(TRIAGE):
            raise PermissionDenied

    def _verb_address(self, request: HttpRequest, members: list[Idea]) -> tuple[str, str]:
        """Where the decision about what is ticked is made; else what is missing, in words."""
        verb, stays = request.POST.get("do", ""), request.POST.get("original", "")
        ours = {str(idea.pk) for idea in members}
        ticked = [one for one in request.POST.getlist("selected") if one.partition(":")[0] in ours]
        if verb not in VERBS:
            return "", _("Choose what to do.")
        query = {"next": self.url("copies")}
        if verb == "link_duplicate":
            if stays not in ours:
                return "", _("Choose the idea that the others are joined with.")
            ticked = [one for one in ticked if one.partition(":")[0] != stays]
            query["original"] = stays
        if not ticked:
            return "", _("Tick the ideas that are decided about.")
        return f"{self.url('do', verb)}?{urlencode({**query, 'selected': ','.join(ticked)})}", ""


def _row(request: HttpRequest, idea: Idea, first: Idea, url: str) -> dict[str, Any]:
    """One of the group, with its words: marked where it says otherwise than the first."""
    _left, pieces = compare(services.words_of(first), services.words_of(idea))
    return {
        "idea": idea,
        "url": url,
        "selected": f"{idea.pk}:{idea.version}",
        "pieces": pieces,
        "same": not any(piece.marked for piece in pieces) and idea.pk != first.pk,
        "is_first": idea.pk == first.pk,
        "in_hand": short_hand(idea, request.user),
    }
