"""Decisions about a department's initiatives, before they are public: what it may say to each."""

from collections.abc import Iterator

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from engagement.admin import refusals
from engagement.desk_pages import Card, DeskLink, add_cards, add_page
from engagement.services import Refused
from prioritisation import services
from prioritisation.admin.finding import me, show
from prioritisation.forms.lots import ReplyForm
from prioritisation.policies import schema

PAGE = "prioritisation_replies"


def _has_department(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "department_id", None)) and request.user.is_active


@require_safe
def replies(request: HttpRequest) -> HttpResponse:
    if not _has_department(request):
        raise PermissionDenied
    rows = services.replies_open_to(me(request)).select_related("initiative", "round", "meeting")
    return show(
        request,
        "replies",
        _("Decisions about your initiatives"),
        rows=list(rows.order_by("reply_at", "initiative__reference")),
    )


def _lacking(reply: dict[str, str]) -> list[str]:
    """The city's languages in which a reply says nothing, while it does in another."""
    return [str(name) for code, name in settings.LANGUAGES if reply and not reply.get(code)]


@require_http_methods(["GET", "HEAD", "POST"])
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    if not _has_department(request):
        raise PermissionDenied
    open_ones = services.replies_open_to(me(request)).select_related(
        "initiative__programme",
        "initiative__owner",
        "round__policy_version",
        "merge_into",
        "meeting",
        "result__policy_version",
    )
    decision = get_object_or_404(open_ones, pk=pk)
    form = ReplyForm(
        request.POST if request.method == "POST" else None,
        initial={"text": decision.reply, "version": decision.version},
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.save_reply(decision=decision, by=me(request), at=timezone.now(), **form.cleaned_data)
        except Refused as refusal:
            refusals.tell(form, refusal)
        else:
            messages.success(
                request, _("Saved: %(reference)s.") % {"reference": decision.initiative.reference}
            )
            if lacking := _lacking(form.cleaned_data["text"]):
                missing = _("It says nothing in: %(languages)s. Readers of it are shown the other text.")
                messages.warning(request, missing % {"languages": ", ".join(lacking)})
            return HttpResponseRedirect(reverse(f"admin:{PAGE}"))
    reasons = {}
    if decision.round is not None:
        policy = schema.parse(decision.round.policy_version.document)
        reasons = {one.code: dict(one.label) for one in policy.reasons}
    return show(
        request,
        "reply",
        _("Reply to a decision"),
        status=422 if form.errors else 200,
        decision=decision,
        replies_page=True,
        lacking=_lacking(decision.reply),
        reason=reasons.get(decision.reason, {}),
        nearest=services.what_would_have_changed(decision.result, decision.initiative.reference)
        if decision.result
        else [],
        older=decision.reply_at is not None and decision.reply_at < decision.prepared_at,
        form=form,
    )


def cards(request: HttpRequest) -> Iterator[Card]:
    if not _has_department(request):
        return
    count = services.replies_open_to(me(request)).filter(reply_at__isnull=True).count()
    if count:
        text = ngettext(
            "decision about your initiatives, to which you may reply",
            "decisions about your initiatives, to which you may reply",
            count,
        )
        yield Card(count, text, reverse(f"admin:{PAGE}"))


add_cards(cards)
add_page(
    "prioritisation/replies/",
    replies,
    name=PAGE,
    link=DeskLink("prioritisation", gettext_lazy("Decisions about your initiatives"), PAGE, _has_department),
)
add_page("prioritisation/replies/<int:pk>/", reply, name="prioritisation_reply")
