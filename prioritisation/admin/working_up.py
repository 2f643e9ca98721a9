"""From ideas to an initiative in one click, from the list of ideas and from an idea's page.

Intake knows nothing of this: the action, the filter and the facts are added from here, to the lists that
`engagement.admin.extensions` keeps for it.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from engagement.admin import extensions, refusals
from engagement.admin.returning import safe_next
from engagement.forms.choices import is_key
from engagement.models import Idea
from engagement.services import Refused
from prioritisation import services
from prioritisation.admin.scope import managed, person
from prioritisation.forms.working_up import ONE_OF_EACH, StartForm
from prioritisation.models import Initiative, Programme

WORK_UP = "prioritisation.work_up_initiative"
AT_MOST = 500


def may_work_up(request: HttpRequest) -> bool:
    return request.user.has_perm(WORK_UP) and bool(managed(request))


def programmes_for(request: HttpRequest, ideas: Sequence[Idea]) -> list[Programme]:
    """Programmes that this person manages and that every idea's invitation belongs to."""
    calls = {idea.call_id for idea in ideas}
    found = Programme.objects.filter(pk__in=managed(request)).prefetch_related("calls")
    return [one for one in found if calls <= {call.pk for call in one.calls.all()}]


# From the list of ideas ---------------------------------------------------------------------------


def open_from_list(request: HttpRequest, ideas: list[Idea], back: str) -> HttpResponse:
    """The list's action. One idea and one programme leave nothing to ask: it is done at once."""
    programmes = programmes_for(request, ideas)
    if len(ideas) == 1 and len(programmes) == 1:
        form = StartForm({}, programmes=programmes, ideas=ideas)
        if form.is_valid() and (made := start(request, form, ideas)):
            tell(request, made)
            return HttpResponseRedirect(back)
        return start_page(request, form, ideas, back)
    return start_page(request, StartForm(programmes=programmes, ideas=ideas), ideas, back)


def start(request: HttpRequest, form: StartForm, ideas: list[Idea]) -> list[Initiative]:
    """Starts what a valid form asks for: all of it, or nothing and the form says why."""
    groups = [[idea] for idea in ideas] if form.cleaned_data.get("how") == ONE_OF_EACH else [ideas]
    title = form.cleaned_data.get("title")
    try:
        with transaction.atomic():
            return [
                services.work_up(
                    programme=form.programme_chosen,
                    ideas=group,
                    by=person(request),
                    at=timezone.now(),
                    values={"title": title} if title else None,
                )
                for group in groups
            ]
    except Refused as refusal:
        refusals.tell(form, refusal)
        return []


def tell(request: HttpRequest, made: list[Initiative]) -> None:
    """What was started, each with its address."""
    links = format_html(
        "{} ",
        ngettext("%(n)d initiative started:", "%(n)d initiatives started:", len(made)) % {"n": len(made)},
    )
    for initiative in made[:10]:
        url = reverse("admin:prioritisation_initiative_change", args=(initiative.pk,))
        links = format_html('{}<a href="{}">{}</a> ', links, url, initiative.reference)
    if len(made) > 10:
        links = format_html("{}…", links)
    messages.success(request, links)


def start_page(request: HttpRequest, form: StartForm, ideas: list[Idea], back: str) -> HttpResponse:
    taken = Initiative.objects.filter(idea_links__idea__in=ideas, programme__in=form.programmes)
    context = {
        **admin.site.each_context(request),
        "opts": Initiative._meta,
        "title": _("Start an initiative"),
        "list_url": reverse("admin:prioritisation_initiative_changelist"),
        "list_name": _("Initiatives"),
        "form": form,
        "ideas": ideas,
        "already": taken.values_list("idea_links__idea", "reference").distinct() if ideas else [],
        "selected": ",".join(f"{idea.pk}:{idea.version}" for idea in ideas),
        "next": back,
        "address": reverse("admin:prioritisation_initiative_start"),
        "nowhere": not form.programmes,
    }
    return TemplateResponse(request, "admin/prioritisation/initiative_start.html", context)


def chosen_ideas(request: HttpRequest) -> list[Idea]:
    """`selected=12:3,14:1`, in that order."""
    keys = []
    for pair in (request.POST.get("selected") or request.GET.get("selected") or "").split(","):
        key = pair.partition(":")[0]
        if key.isdecimal() and len(key) < 19:
            keys.append(int(key))
    found = Idea.objects.select_related("call", "district").in_bulk(keys[:AT_MOST])
    return [found[key] for key in dict.fromkeys(keys) if key in found]


def start_view(request: HttpRequest) -> HttpResponse:
    """Asks and starts. From an idea's page (`at_once`) it only asks where there is something to ask."""
    ideas = chosen_ideas(request)
    back = safe_next(request, reverse("admin:prioritisation_initiative_changelist"))
    programmes = programmes_for(request, ideas)
    if request.method != "POST":
        return start_page(request, StartForm(programmes=programmes, ideas=ideas), ideas, back)
    form = StartForm(request.POST, programmes=programmes, ideas=ideas)
    if "at_once" in request.POST and form.fields:
        return start_page(request, StartForm(programmes=programmes, ideas=ideas), ideas, back)
    if not programmes or not form.is_valid():
        return start_page(request, form, ideas, back)
    made = start(request, form, ideas)
    if not made:
        return start_page(request, form, ideas, back)
    tell(request, made)
    if len(made) == 1 and ("_edit" in request.POST or "at_once" in request.POST):
        return HttpResponseRedirect(reverse("admin:prioritisation_initiative_edit", args=(made[0].pk,)))
    return HttpResponseRedirect(back)


# What the list and the page of ideas show besides -------------------------------------------------


class TakenUpFilter(admin.SimpleListFilter):
    """Ideas that no initiative of a programme holds yet, or that one does."""

    title = gettext_lazy("worked up")
    parameter_name = "worked_up"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        found: list[tuple[str, Any]] = []
        for programme in Programme.objects.seen_by(person(request)):
            found.append((f"no-{programme.pk}", _("%(programme)s: not yet") % {"programme": programme}))
            found.append((f"yes-{programme.pk}", _("%(programme)s: yes") % {"programme": programme}))
        return found

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        held, _dash, key = (self.value() or "").partition("-")
        seen = Programme.objects.seen_by(person(request)).filter(pk=key) if is_key(key) else None
        programme = seen.first() if seen is not None else None
        if programme is None:
            return queryset
        if held == "yes":
            return queryset.filter(pk__in=Idea.objects.filter(initiatives__programme=programme))
        return not_worked_up(queryset, programme)


def not_worked_up(ideas: Any, programme: Programme) -> Any:
    """Of these ideas those of the programme's invitations that none of its initiatives holds."""
    taken = Initiative.objects.filter(programme=programme).values("idea_links__idea")
    return ideas.filter(call__programmes=programme).exclude(pk__in=taken.filter(idea_links__isnull=False))


def _initiatives_of(request: HttpRequest, idea: Idea) -> Iterable[extensions.Fact]:
    if not request.user.has_perm("prioritisation.view_initiative"):
        return []
    found = Initiative.objects.seen_by(person(request)).filter(ideas=idea).order_by("reference")
    return [
        extensions.Fact(
            heading=_("Initiatives with this idea"),
            text=f"{initiative} ({initiative.get_state_display()})",
            url=reverse("admin:prioritisation_initiative_change", args=(initiative.pk,)),
        )
        for initiative in found
    ]


extensions.extra_idea_actions.append(
    extensions.ExtraAction(
        name="work_up",
        label=gettext_lazy("Work up an initiative"),
        shown=may_work_up,
        open=open_from_list,
        address=lambda: reverse("admin:prioritisation_initiative_start"),
    )
)
extensions.extra_idea_filters.append(TakenUpFilter)
extensions.extra_idea_facts.append(_initiatives_of)
