"""What a city sets for problem reports: services with their questions, holidays, rules of routing."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from engagement import services
from engagement.admin.base import SHORT_NAME_HELP
from engagement.admin.call_forms import QuestionRow, question_rows, question_values
from engagement.admin.calls import FormAdmin
from engagement.admin.reference import ReferenceAdmin
from engagement.forms.questions import question_key
from engagement.localized import LocalizedFormField
from engagement.models import Department, Holiday, ReportService, RoutingRule
from engagement.workflow import ALL_REPORTS

if TYPE_CHECKING:
    ServiceModelForm = forms.ModelForm[ReportService]
    RuleModelForm = forms.ModelForm[RoutingRule]
else:
    ServiceModelForm = RuleModelForm = forms.ModelForm


class ServiceForm(ServiceModelForm):
    """Checks a report service; `services.save_report_service` writes it."""

    name = LocalizedFormField(label=gettext_lazy("Name"), rows=1)
    group = LocalizedFormField(label=gettext_lazy("Group"), rows=1, required=False)
    description = LocalizedFormField(label=gettext_lazy("Description"), rows=3, required=False)
    notice = LocalizedFormField(
        label=gettext_lazy("Notice"),
        help_text=gettext_lazy("Shown first, e.g. in an emergency call 911."),
        rows=2,
        required=False,
    )

    class Meta:
        model = ReportService
        fields = (
            *("code", "name", "group", "keywords", "description", "notice", "target_days", "working_days"),
            *("nearby_metres", "nearby_days", "department", "private", "active", "order"),
        )
        help_texts = {"code": SHORT_NAME_HELP}


class ServiceQuestionRow(QuestionRow):
    key = forms.SlugField(
        label=gettext_lazy("Code"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("What other programs call it. Empty: made from the question."),
    )
    confidential = None  # type: ignore[assignment]

    def value(self) -> dict[str, Any]:
        self.cleaned_data["confidential"] = False
        question = super().value()
        del question["confidential"]
        return {"code": question.pop("key"), **question}


@admin.register(ReportService)
class ReportServiceAdmin(FormAdmin):
    list_display = ("name_shown", "code", "department", "target", "exceptions")
    list_select_related = ("department",)
    list_per_page = 100

    def may_save(self, request: HttpRequest) -> bool:
        return request.user.has_perm("engagement.change_reportservice")

    @admin.display(description=gettext_lazy("name"))
    def name_shown(self, row: Any) -> str:
        return str(row)

    @admin.display(description=gettext_lazy("target"))
    def target(self, row: ReportService) -> str:
        if not row.target_days:
            return "–"
        if row.working_days:
            words = ngettext("%(n)d working day", "%(n)d working days", row.target_days)
        else:
            words = ngettext("%(n)d day", "%(n)d days", row.target_days)
        return words % {"n": row.target_days}

    @admin.display(description=gettext_lazy("state"), empty_value="")
    def exceptions(self, row: ReportService) -> str:
        """What is not as usual, in words: two icons side by side say neither what they are about."""
        words = [_("not shown in public")] * row.private + [_("not in use")] * (not row.active)
        return format_html_join(" ", '<span class="pill">{}</span>', ((word,) for word in words))

    def form_view(self, request: HttpRequest, record: Any) -> HttpResponse:
        if request.method not in {"GET", "HEAD", "POST"}:
            raise PermissionDenied
        data = request.POST if request.method == "POST" else None
        copy = ReportService.objects.get(pk=record.pk) if record else None
        form = ServiceForm(data, instance=copy)
        rows = question_rows(data, record.questions if record else [], ServiceQuestionRow, question_key)

        def save() -> ReportService:
            # What other programs wrote into a question beside what the form asks, such as its order, stays.
            before = {question_key(one): one for one in (record.questions if record else [])}
            questions = [{**before.get(one["code"], {}), **one} for one in question_values(rows, "code")]
            return services.save_report_service(
                by=request.user,  # type: ignore[arg-type]
                values={**form.cleaned_data, "questions": questions},
                service=record,
            )

        return self.try_saving(request, form, save, rows) or self.form_page(
            request,
            form,
            title=str(record) if record else _("New report service"),
            template="admin/engagement/service_form.html",
            questions=rows,
        )


class PasteForm(forms.Form):
    days = forms.CharField(
        label=gettext_lazy("Holidays, one a line"),
        help_text=gettext_lazy("The day, then its name in each language, parted by |"),
        widget=forms.Textarea(attrs={"rows": 12, "placeholder": "2027-07-01 Canada Day | Fête du Canada"}),
    )

    def clean_days(self) -> list[tuple[Any, dict[str, str]]]:
        found, wrong = [], []
        codes = LocalizedFormField(rows=1).codes
        for number, line in enumerate(self.cleaned_data["days"].splitlines(), 1):
            if not line.strip():
                continue
            first, _space, rest = line.strip().partition(" ")
            names = [part.strip() for part in rest.split("|")]
            name = {code: text for code, text in zip(codes, names, strict=False) if text}
            try:
                day = parse_date(first)
            except ValueError:
                day = None
            if day is None or not name:
                wrong.append(str(number))
            else:
                found.append((day, name))
        if wrong:
            told = _("These lines have no day such as 2027-07-01, or no name: %(lines)s.")
            raise forms.ValidationError(told % {"lines": ", ".join(wrong)})
        return found


@admin.register(Holiday)
class HolidayAdmin(ReferenceAdmin):
    list_display = ("date", "name_shown", "removal")
    list_display_links = ("date",)
    change_list_template = "admin/engagement/holidays.html"

    @admin.display(description="")
    def removal(self, row: Holiday) -> str:
        address = reverse("admin:engagement_holiday_remove", args=[row.pk])
        return format_html('<a href="{}">{}</a>', address, _("Remove"))

    @admin.display(description=gettext_lazy("name"))
    def name_shown(self, row: Any) -> str:
        return str(row).partition(" ")[2]

    def get_urls(self) -> Any:
        page = self.admin_site.admin_view(self.paste_view)
        removal = self.admin_site.admin_view(self.remove_view)
        return [
            path("paste/", page, name="engagement_holiday_paste"),
            path("<int:pk>/remove/", removal, name="engagement_holiday_remove"),
            *super().get_urls(),
        ]

    def remove_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Asks once, as nothing brings the day back but writing it down again."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        holiday = get_object_or_404(Holiday, pk=pk)
        if request.method == "POST":
            services.remove_holiday(by=request.user, holiday=holiday)  # type: ignore[arg-type]
            messages.success(request, _("Removed: %(day)s.") % {"day": holiday})
            return HttpResponseRedirect(reverse("admin:engagement_holiday_changelist"))
        return self._page(request, "holiday_remove", _("Remove a holiday"), holiday=holiday)

    def paste_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = PasteForm(request.POST if request.method == "POST" else None)
        if form.is_bound and form.is_valid():
            made = services.add_holidays(by=request.user, days=form.cleaned_data["days"])  # type: ignore[arg-type]
            messages.success(request, _("New holidays: %(n)d.") % {"n": made})
            return HttpResponseRedirect(reverse("admin:engagement_holiday_changelist"))
        return self._page(request, "holidays_paste", _("Add several holidays"), form=form)

    def _page(self, request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
        frame = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "list_url": reverse("admin:engagement_holiday_changelist"),
            "list_name": capfirst(str(self.opts.verbose_name_plural)),
        }
        return TemplateResponse(request, f"admin/engagement/{template}.html", {**frame, **context})


class RuleForm(RuleModelForm):
    """Checks a rule; `services.save_rule` writes it."""

    class Meta:
        model = RoutingRule
        fields = ("order", "service", "district", "department", "active")


@admin.register(RoutingRule)
class RoutingRuleAdmin(FormAdmin):
    """In their order; the first that fits decides. Tried on past reports before it is saved."""

    list_display = ("place", "service_shown", "district_shown", "department", "in_use")
    list_display_links = ("place",)
    list_select_related = ("service", "district", "department")
    list_per_page = 200
    ordering = ("order", "pk")
    change_list_template = "admin/engagement/rules.html"

    def may_save(self, request: HttpRequest) -> bool:
        return request.user.has_perm("engagement.change_routingrule")

    @admin.display(description=pgettext_lazy("in an order", "place"))
    def place(self, rule: RoutingRule) -> int:
        return rule.order

    @admin.display(description=gettext_lazy("report service"))
    def service_shown(self, rule: RoutingRule) -> str:
        return str(rule.service or _("every report service"))

    @admin.display(description=gettext_lazy("state"), empty_value="")
    def in_use(self, rule: RoutingRule) -> str:
        return "" if rule.active else format_html('<span class="pill">{}</span>', _("not in use"))

    @admin.display(description=gettext_lazy("district"))
    def district_shown(self, rule: RoutingRule) -> str:
        return str(rule.district or _("everywhere"))

    def get_urls(self) -> Any:
        page = self.admin_site.admin_view(self.move_view)
        return [path("move/", page, name="engagement_routingrule_move"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        rules = RoutingRule.objects.select_related("service", "district", "department")
        context = {"rules": list(rules) if self.may_save(request) else []}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def move_view(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST" or not self.may_save(request):
            raise PermissionDenied
        word, _dash, key = request.POST.get("move", "").partition("-")
        rule = RoutingRule.objects.filter(pk=int(key) if key.isdecimal() and len(key) < 10 else 0).first()
        if rule is not None:
            services.move_rule(by=request.user, rule=rule, up=word == "up")  # type: ignore[arg-type]
        return HttpResponseRedirect(self.url("changelist"))

    def form_view(self, request: HttpRequest, record: Any) -> HttpResponse:
        if request.method not in {"GET", "HEAD", "POST"}:
            raise PermissionDenied
        data = request.POST if request.method == "POST" else None
        copy = RoutingRule.objects.get(pk=record.pk) if record else None
        form = RuleForm(data, instance=copy)
        trial: dict[str, Any] | None = None
        if "_try" in request.POST and form.is_valid():
            found = services.try_rule(values=form.cleaned_data, rule=record, at=timezone.now())
            trial = trial_in_words(found)

        def save() -> RoutingRule:
            return services.save_rule(by=request.user, values=form.cleaned_data, rule=record)  # type: ignore[arg-type]

        done = None if "_try" in request.POST else self.try_saving(request, form, save)
        return done or self.form_page(
            request,
            form,
            title=str(record) if record else _("New routing rule"),
            template="admin/engagement/rule_form.html",
            trial=trial,
            reads=request.user.has_perm(ALL_REPORTS),
            tried="_try" in request.POST,
        )


def trial_in_words(trial: services.RuleTrial) -> dict[str, Any] | None:
    """What a trial found, as its page says it: by department, by rule with examples, what nobody would have.

    Nothing where no report came in these days.
    """
    if not trial.then:
        return None
    names = {one.pk: str(one) for one in Department.objects.all()}

    def named(key: int | None) -> str:
        return names.get(key or 0, _("nobody yet"))

    departments = [(named(key), trial.now[key], trial.then[key]) for key in {*trial.now, *trial.then}]
    rules = []
    for one in trial.caught:
        examples = [
            (example.report, named(example.now) if example.now != example.then else "", named(example.then))
            for example in one.examples
        ]
        rules.append({"caught": one, "rule": one.rule, "examples": examples})
    return {
        "departments": sorted(departments, key=lambda row: (-row[2], row[0])),
        "rules": rules,
        "left": trial.left,
    }
