"""Scoring rules in the admin: choose, take in and out as a file, read, edit, approve."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement.admin.base import ReadOnlyAdmin
from engagement.forms.choices import is_key
from engagement.localized import localized
from engagement.services import Refused, Stale
from prioritisation import services
from prioritisation.admin.policy_view import shown_form, shown_policy, warnings_of
from prioritisation.admin.scope import ProgrammeFilter, managed, person
from prioritisation.forms.policies import AdoptForm, ApproveForm, ImportForm
from prioritisation.forms.policy_changes import pruned, rearranged
from prioritisation.forms.policy_editor import BrokenDocument, PolicyForm
from prioritisation.models import PolicyVersion
from prioritisation.policies import catalogue, schema, tomlfile
from prioritisation.workflow import Role


@admin.register(PolicyVersion)
class PolicyVersionAdmin(ReadOnlyAdmin):
    actions = None
    detail_template = "admin/prioritisation/policy_detail.html"
    list_display = ("name", "programme", "number", "criteria", "approved", "fingerprint")
    list_filter = (ProgrammeFilter,)
    ordering = ("-programme", "-number")

    def get_queryset(self, request: HttpRequest) -> Any:
        found: Any = super().get_queryset(request)
        return found.seen_by(person(request)).select_related("programme", "approved_by", "created_by")

    # The list -----------------------------------------------------------------------------------

    @admin.display(description=gettext_lazy("scoring rules"))
    def name(self, version: PolicyVersion) -> str:
        return localized(version.document["title"]) or str(version)

    @admin.display(description=gettext_lazy("criteria"))
    def criteria(self, version: PolicyVersion) -> int:
        return len(version.document["criteria"])

    @admin.display(description=gettext_lazy("approved"), boolean=True, ordering="approved_at")
    def approved(self, version: PolicyVersion) -> bool:
        return version.approved_at is not None

    @admin.display(description=gettext_lazy("fingerprint"))
    def fingerprint(self, version: PolicyVersion) -> str:
        return f"{version.sha256[:12]}…"

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        links = [(_("Choose scoring rules"), self.url("presets"))] if managed(request) else []
        return super().changelist_view(request, {"links": links, **(extra_context or {})})

    # Addresses ----------------------------------------------------------------------------------

    def get_urls(self) -> Any:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        wrap = self.admin_site.admin_view
        return [
            path("presets/", wrap(self.presets_view), name=f"{name}_presets"),
            path("presets/<slug:key>/", wrap(self.preset_view), name=f"{name}_preset"),
            path("import/", wrap(self.import_view), name=f"{name}_import"),
            path("<int:pk>/edit/", wrap(self.edit_view), name=f"{name}_edit"),
            path("<int:pk>/approve/", wrap(self.approve_view), name=f"{name}_approve"),
            path("<int:pk>/copy/", wrap(self.copy_view), name=f"{name}_copy"),
            path("<int:pk>/preview/", wrap(self.preview_view), name=f"{name}_preview"),
            path("<int:pk>/rules.toml", wrap(self.export_view), name=f"{name}_export"),
            *super().get_urls(),
        ]

    def _seen(self, request: HttpRequest, pk: int) -> PolicyVersion:
        version: PolicyVersion = self.record(request, str(pk))
        return version

    def _mine(self, request: HttpRequest, pk: int) -> PolicyVersion:
        """Rules of a programme that this person manages; for everybody else there is no such page."""
        version = self._seen(request, pk)
        if version.programme_id not in managed(request):
            raise Http404
        return version

    # Reading ------------------------------------------------------------------------------------

    def detail_context(self, request: HttpRequest, record: PolicyVersion) -> dict[str, Any]:
        policy = schema.parse(record.document)
        uses = services.rounds_of_rules(record)
        return {
            **shown_policy(policy),
            "warnings": warnings_of(record, record.document, manages=record.programme_id in managed(request)),
            "approves": may_approve(request, record),
            "manages": record.programme_id in managed(request),
            "uses": uses,
            "locked": [one.round for one in uses if one.round.opened_at is not None][:1],
            "addresses": {
                page: self.url(page, record.pk) for page in ("edit", "approve", "copy", "preview", "export")
            },
        }

    def preview_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What an assessor will see: the same form, which takes nothing."""
        version = self._seen(request, pk)
        policy = schema.parse(version.document)
        context = {
            **self.page_context(request, _("What assessors will see")),
            "record": version,
            "back": self.detail_url(pk),
            **shown_form(policy),
        }
        return TemplateResponse(request, "admin/prioritisation/policy_preview.html", context)

    def export_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        version = self._seen(request, pk)
        name = f"{version.programme.slug}-rules-{version.number}.toml"
        return HttpResponse(
            tomlfile.dumps(version.document),
            content_type="application/toml; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    # Choosing -----------------------------------------------------------------------------------

    def _programmes(self, request: HttpRequest) -> list[Any]:
        programmes = list(managed(request).values())
        if not programmes or not self.has_view_permission(request):
            raise Http404
        return programmes

    def _asked(self, request: HttpRequest) -> dict[str, Any]:
        """The programme from whose page one came."""
        key = request.GET.get("programme", "")
        return {"programme": int(key)} if is_key(key) and int(key) in managed(request) else {}

    def presets_view(self, request: HttpRequest) -> HttpResponse:
        programmes = self._programmes(request)
        initial = self._asked(request)
        context = {
            **self.page_context(request, _("Choose scoring rules")),
            "presets": [
                {"summary": one, "policy": schema.parse(catalogue.load(one.key))}
                for one in catalogue.shipped()
            ],
            "query": f"?programme={initial['programme']}" if initial else "",
            "form": ImportForm(programmes=programmes, initial=initial),
            "import_url": self.url("import"),
        }
        return TemplateResponse(request, "admin/prioritisation/policy_presets.html", context)

    def preset_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """One shipped policy as a whole; taking it makes a draft of one's own."""
        programmes = self._programmes(request)
        try:
            document = catalogue.load(key)
        except KeyError as error:
            raise Http404 from error
        policy = schema.parse(document)
        data = request.POST if request.method == "POST" else None
        form = AdoptForm(data, programmes=programmes, initial=self._asked(request))
        if data is not None and form.is_valid():
            return self._adopt(request, form, document, policy.key)
        context = {
            **self.page_context(request, localized(dict(policy.title))),
            **shown_policy(policy),
            **shown_form(policy),
            "form": form,
        }
        return TemplateResponse(request, "admin/prioritisation/policy_preset.html", context)

    def _adopt(
        self, request: HttpRequest, form: AdoptForm, document: dict[str, Any], source: str
    ) -> HttpResponse:
        adopted = services.adopt_policy(
            programme=form.programme_chosen,
            document=document,
            by=person(request),
            at=timezone.now(),
            source=source,
        )
        said = {"n": adopted.number, "programme": adopted.programme}
        messages.success(
            request, _("Version %(n)d of the rules of %(programme)s: a draft until it is approved.") % said
        )
        return HttpResponseRedirect(self.detail_url(adopted.pk))

    def import_view(self, request: HttpRequest) -> HttpResponse:
        programmes = self._programmes(request)
        if request.method == "POST":
            form = ImportForm(request.POST, request.FILES, programmes=programmes)
            if form.is_valid():
                return self._adopt(request, form, form.document, form.cleaned_data["file"].name[:200])
        else:
            form = ImportForm(programmes=programmes, initial=self._asked(request))
        context = {
            **self.page_context(request, _("Take in rules from a file")),
            "form": form,
            "faults": [
                {"line": one.line, "path": one.path, "message": _(one.message) % one.params}
                for one in form.faults
            ],
        }
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, "admin/prioritisation/policy_import.html", context, status=status)

    def copy_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A new draft from a version that no longer changes."""
        version = self._mine(request, pk)
        if request.method != "POST":
            return HttpResponseRedirect(self.detail_url(pk))
        copied = services.adopt_policy(
            programme=version.programme,
            document=version.document,
            by=person(request),
            at=timezone.now(),
            source=_("version %(n)d") % {"n": version.number},
        )
        return HttpResponseRedirect(self.url("edit", copied.pk))

    def approve_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        version = self._seen(request, pk)
        if not may_approve(request, version):
            raise Http404
        if version.approved_at is not None:
            messages.warning(request, _("These scoring rules are approved already."))
            return HttpResponseRedirect(self.detail_url(pk))
        form = ApproveForm(request.POST if request.method == "POST" else None, version=version.version)
        if request.method == "POST" and form.is_valid():
            try:
                services.approve_policy(
                    policy_version=version,
                    by=person(request),
                    at=timezone.now(),
                    version=form.cleaned_data["version"],
                )
            except Refused as refusal:
                form.add_error(None, str(refusal.message))
                if isinstance(refusal, Stale):
                    return self._approve_page(request, self._seen(request, pk), form)
            else:
                messages.success(request, _("Approved. These rules no longer change."))
                return HttpResponseRedirect(self.detail_url(pk))
        return self._approve_page(request, version, form)

    def _approve_page(self, request: HttpRequest, version: PolicyVersion, form: ApproveForm) -> HttpResponse:
        """What will be locked: weights, conditions, what is unwise, the fingerprint, and who locks it.

        Whoever is told that the rules changed meanwhile sees them as they are now, and ticks again.
        """
        form.look_again(version.version)
        context = {
            **self.page_context(request, _("Approve these rules")),
            **shown_policy(schema.parse(version.document)),
            "warnings": warnings_of(
                version, version.document, manages=version.programme_id in managed(request)
            ),
            "record": version,
            "form": form,
            "back": self.detail_url(version.pk),
            "approver": person(request),
        }
        template = "admin/prioritisation/policy_approve.html"
        return TemplateResponse(request, template, context, status=422 if form.errors else 200)

    # Editing ------------------------------------------------------------------------------------

    def edit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        version = self._mine(request, pk)
        if version.approved_at is not None:
            messages.warning(
                request, _("These rules are approved and no longer change. Start a new version.")
            )
            return HttpResponseRedirect(self.detail_url(pk))
        if request.method != "POST":
            form = PolicyForm(document=version.document, version=version.version)
            return self._edit_page(request, version, form)
        try:
            sent = PolicyForm.sent(request.POST)
        except BrokenDocument as error:
            raise BadRequest("the page's own document did not come back whole") from error
        document = sent.typed()
        seen = sent.cleaned_data.get("version", 0)
        if "_do" in request.POST:
            document = rearranged(pruned(document), request.POST["_do"])
            form = PolicyForm(document=document, version=seen)
            return self._edit_page(request, version, form, changed=True)
        return self._save(request, version, pruned(document), seen)

    def _save(
        self, request: HttpRequest, version: PolicyVersion, document: dict[str, Any], seen: int
    ) -> HttpResponse:
        form = PolicyForm(document=document, version=seen)
        try:
            schema.parse(document)
        except schema.PolicyError as error:
            faults = form.show(error.faults)
            return self._edit_page(request, version, form, faults=faults, status=422)
        try:
            services.save_policy(
                policy_version=version,
                document=document,
                by=person(request),
                at=timezone.now(),
                version=seen,
            )
        except Refused as refusal:
            stale = isinstance(refusal, Stale)
            if stale:
                now = PolicyVersion.objects.get(pk=version.pk).version
                form = PolicyForm(document=document, version=now)
            faults = [{"url": "", "where": "", "message": str(refusal.message)}]
            status = 409 if stale else 422
            return self._edit_page(request, version, form, faults=faults, status=status, stale=stale)
        messages.success(request, _("Saved."))
        page = "edit" if "_stay" in request.POST else "change"
        return HttpResponseRedirect(self.url(page, version.pk))

    def _edit_page(
        self,
        request: HttpRequest,
        version: PolicyVersion,
        form: PolicyForm,
        *,
        faults: Any = (),
        changed: bool = False,
        stale: bool = False,
        status: int = 200,
    ) -> HttpResponse:
        context = {
            **self.page_context(request, _("Edit the scoring rules")),
            "record": version,
            "form": form,
            "faults": faults,
            "warnings": warnings_of(version, form.document, manages=True),
            "changed": changed,
            "stale": stale,
            "opened": opened_by(request.POST.get("_do", ""), form) if changed else "",
            "back": self.detail_url(version.pk),
        }
        template = "admin/prioritisation/policy_edit.html"
        return TemplateResponse(request, template, context, status=status)


def opened_by(pressed: str, form: PolicyForm) -> str:
    """The id of the entry that a press added, moved or changed: it is shown open, and the page goes there."""
    part, _dash, rest = pressed.partition("-")
    number, _dash, verb = rest.partition("-")
    if rest == "add":
        return f"{part}-{len(form.document.get(part, [])) - 1}"
    if verb == "remove" or not is_key(number):
        return ""
    return f"{part}-{int(number) + {'up': -1, 'down': 1}.get(verb, 0)}"


def may_approve(request: HttpRequest, version: PolicyVersion) -> bool:
    """Managers; publishers too where a second person is asked for. The service has the last word."""
    if version.programme_id in managed(request):
        return True
    asked = version.programme.second_approver
    return asked and services.has_role(person(request), version.programme, Role.PUBLISHER)
