"""Programmes: the list, the page from which staff run one, its form, and its members."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement.admin import refusals
from engagement.services import Refused, Stale
from prioritisation import services
from prioritisation.admin import checklist, programme_desk
from prioritisation.admin.budget_pages import BudgetPages
from prioritisation.admin.checklist import ChecklistPages
from prioritisation.admin.scope import managed, person
from prioritisation.admin.words import timeline
from prioritisation.forms.programmes import MemberForm, ProgrammeForm
from prioritisation.models import Membership, Programme, Round
from prioritisation.workflow import InitiativeState

MANAGE = "prioritisation.manage_programme"
EVENTS_SHOWN = 15


@admin.register(Programme)
class ProgrammeAdmin(ChecklistPages, BudgetPages):
    actions = None
    detail_template = "admin/prioritisation/programme_detail.html"
    list_display = ("name", "starts_on", "ends_on", "initiatives_standing", "chosen", "places")
    ordering = ("-created_at", "-pk")

    def get_queryset(self, request: HttpRequest) -> Any:
        found: Any = super().get_queryset(request)
        return found.seen_by(person(request))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(MANAGE)

    # The list -----------------------------------------------------------------------------------

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        standing = ~Q(initiatives__state__in=(InitiativeState.SET_ASIDE, InitiativeState.MERGED))
        counted = Programme.objects.filter(pk__in=[row.pk for row in changelist.result_list]).annotate(
            standing=Count("initiatives", filter=standing),
            chosen=Count("initiatives", filter=Q(initiatives__state=InitiativeState.CHOSEN)),
        )
        found = {pk: counts for pk, *counts in counted.values_list("pk", "standing", "chosen")}
        for row in changelist.result_list:
            row.standing, row.chosen = found[row.pk]
        return changelist

    @admin.display(description=gettext_lazy("programme"))
    def name(self, programme: Programme) -> str:
        return str(programme)

    @admin.display(description=gettext_lazy("initiatives standing"))
    def initiatives_standing(self, programme: Any) -> int:
        return int(programme.standing)

    @admin.display(description=gettext_lazy("chosen"))
    def chosen(self, programme: Any) -> int:
        return int(programme.chosen)

    # Its page -----------------------------------------------------------------------------------

    def get_urls(self) -> Any:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/edit/", wrap(self.edit_view), name=f"{name}_edit"),
            path("<int:pk>/members/", wrap(self.members_view), name=f"{name}_members"),
            *super().get_urls(),
        ]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> Any:
        if object_id is not None:
            return super().changeform_view(request, object_id, form_url, extra_context)
        if not self.has_add_permission(request):
            raise PermissionDenied
        return self._form_view(request, None)

    def detail_context(self, request: HttpRequest, record: Programme) -> dict[str, Any]:
        manages = record.pk in managed(request)
        versions = record.policy_versions.order_by("-number")
        plan = getattr(record, "plan", None)
        rounds = list(record.rounds.order_by("-number"))
        return {
            "funnel": programme_desk.picture(record),
            "steps": programme_desk.next_steps(request, record),
            "manages": manages,
            "checklist": checklist.rows(record),
            "checklist_url": self.url("checklist", record.pk) if manages else "",
            "calls": list(record.calls.all()),
            "members": list(record.memberships.select_related("user").order_by("role", "user__username")),
            "versions": list(versions),
            "rounds": rounds,
            "in_use": _in_use(rounds),
            "plan": plan if plan is not None and plan.versions.exists() else None,
            "exports": programme_desk.exports(record),
            "edit_url": self.url("edit", record.pk),
            "members_url": self.url("members", record.pk),
            "budget_url": self.url("budget", record.pk),
            "initiatives_url": reverse("admin:prioritisation_initiative_changelist")
            + f"?programme={record.pk}",
            "timeline": timeline(
                record.events.filter(initiative__isnull=True)
                .select_related("by")
                .order_by("-at", "-pk")[:EVENTS_SHOWN]
            ),
        }

    # Its form -----------------------------------------------------------------------------------

    def _mine(self, request: HttpRequest, pk: int) -> Programme:
        """The programme, for who manages it; for everybody else there is no such page."""
        programme = managed(request).get(pk)
        if programme is None or not self.has_view_permission(request):
            raise Http404
        return programme

    def edit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._form_view(request, self._mine(request, pk))

    def _form_view(self, request: HttpRequest, programme: Programme | None) -> HttpResponse:
        data = request.POST if request.method == "POST" else None
        form = ProgrammeForm(data, programme=programme)
        if data is None:
            return self._form_page(request, programme, form)
        if not form.is_valid():
            return self._form_page(request, programme, form, status=422)
        try:
            saved = services.save_programme(
                by=person(request),
                at=timezone.now(),
                values=form.values(),
                calls=list(form.cleaned_data["calls"]),
                programme=programme,
                version=form.cleaned_data["version"],
            )
        except Refused as refusal:
            refusals.tell(form, refusal)
            if programme is None or not isinstance(refusal, Stale):
                return self._form_page(request, programme, form, status=422)
            form.overwrite(Programme.objects.get(pk=programme.pk).version)
            return self._form_page(request, programme, form, status=409, stale=True)
        messages.success(request, _("%(programme)s: saved.") % {"programme": saved})
        return HttpResponseRedirect(self.detail_url(saved.pk))

    def _form_page(
        self,
        request: HttpRequest,
        programme: Programme | None,
        form: ProgrammeForm,
        *,
        status: int = 200,
        stale: bool = False,
    ) -> HttpResponse:
        back = self.detail_url(programme.pk) if programme else self.url("changelist")
        context = {
            **self.page_context(request, _("Change the programme") if programme else _("New programme")),
            "record": programme,
            "form": form,
            "back": back,
            "stale": stale,
        }
        template = "admin/prioritisation/programme_form.html"
        return TemplateResponse(request, template, context, status=status)

    # Its members --------------------------------------------------------------------------------

    def members_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        programme = self._mine(request, pk)
        if request.method != "POST":
            return self._members_page(request, programme, MemberForm())
        if "remove" in request.POST:
            return self._remove_member(request, programme)
        form = MemberForm(request.POST)
        if not form.is_valid():
            return self._members_page(request, programme, form, status=422)
        try:
            services.add_member(
                programme=programme, by=person(request), at=timezone.now(), **form.cleaned_data
            )
        except Refused as refusal:
            form.add_error(None, str(refusal.message))
            return self._members_page(request, programme, form, status=422)
        messages.success(request, _("%(person)s is a member.") % {"person": form.cleaned_data["user"]})
        return HttpResponseRedirect(self.url("members", programme.pk))

    def _remove_member(self, request: HttpRequest, programme: Programme) -> HttpResponse:
        key = request.POST["remove"]
        found = programme.memberships.filter(pk=key).first() if key.isdecimal() and len(key) < 19 else None
        if found is not None:
            try:
                services.remove_member(membership=found, by=person(request), at=timezone.now())
            except Refused as refusal:
                messages.error(request, str(refusal.message))
            else:
                said = {"person": found.user, "role": found.get_role_display()}
                messages.success(request, _("%(person)s is no longer %(role)s here.") % said)
        if programme.pk not in {one.pk for one in Programme.objects.seen_by(person(request), "manager")}:
            return HttpResponseRedirect(self.url("changelist"))
        return HttpResponseRedirect(self.url("members", programme.pk))

    def _members_page(
        self, request: HttpRequest, programme: Programme, form: MemberForm, *, status: int = 200
    ) -> HttpResponse:
        members = list(programme.memberships.select_related("user__department"))
        roles = dict(Membership.ROLES)
        groups = [(label, [one for one in members if one.role == role]) for role, label in roles.items()]
        context = {
            **self.page_context(request, _("Members")),
            "record": programme,
            "form": form,
            "groups": groups,
            "back": self.detail_url(programme.pk),
        }
        template = "admin/prioritisation/programme_members.html"
        return TemplateResponse(request, template, context, status=status)


def _in_use(rounds: list[Round]) -> dict[int, str]:
    """By version of the rules, the rounds that go by it."""
    found: dict[int, list[str]] = {}
    for round in reversed(rounds):
        found.setdefault(round.policy_version_id, []).append(str(round))
    return {version: ", ".join(names) for version, names in found.items()}
