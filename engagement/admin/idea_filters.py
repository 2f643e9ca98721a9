"""The queue, and the filters beside it."""

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from engagement.forms.choices import is_key
from engagement.models import Call, District, Flag, Idea, Theme
from engagement.workflow import IdeaState

QUEUE = "queue"
PLANNED = "planned"
ALL = "all"


class StateFilter(admin.SimpleListFilter):
    """Opens on the queue: what waits for a first decision. "All" is one press away."""

    title = _("state")
    parameter_name = "state"

    @classmethod
    def chosen(cls, request: Any) -> str:
        """What the list shows. Who searches looks everywhere; who says nothing gets the queue."""
        opening = ALL if request.GET.get("q") else QUEUE
        return str(request.GET.get(cls.parameter_name) or opening)

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        rest = [(state.value, state.label) for state in Idea.State if state.value != IdeaState.RECEIVED.value]
        return [
            (QUEUE, _("queue: waiting for a decision")),
            (PLANNED, _("to be published at a set hour")),
            (ALL, _("all")),
            *rest,
        ]

    def choices(self, changelist: Any) -> Any:
        chosen = self.value() or (ALL if changelist.query else QUEUE)
        for value, label in self.lookup_choices:
            yield {
                "selected": str(value) == chosen,
                "query_string": changelist.get_query_string({self.parameter_name: value}),
                "display": label,
            }

    def queryset(self, request: Any, queryset: Any) -> Any:
        chosen = self.chosen(request)
        if chosen == ALL:
            return queryset
        if chosen == PLANNED:
            return queryset.to_be_published()
        return queryset.waiting() if chosen == QUEUE else queryset.filter(state=chosen)


class _Choice(admin.SimpleListFilter):
    """One of the city's own things, with one query and the words in the reader's language."""

    column = ""

    def queryset(self, request: Any, queryset: Any) -> Any:
        value = self.value()
        return queryset.filter(**{self.column: value}) if is_key(value) else queryset


class CallFilter(_Choice):
    title = _("invitation")
    parameter_name = column = "call"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [(str(call.pk), str(call)) for call in Call.objects.only("title", "slug")]


class ThemeFilter(_Choice):
    title = _("theme")
    parameter_name = "theme"
    column = "themes"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [(str(theme.pk), str(theme)) for theme in Theme.objects.all()]


class DistrictFilter(_Choice):
    title = _("district")
    parameter_name = column = "district"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [(str(district.pk), str(district)) for district in District.objects.only("code", "name")]


class FlagFilter(admin.SimpleListFilter):
    """Ideas that wait, or waited, for a reason."""

    title = _("read first because")
    parameter_name = "flag"
    of = "idea"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [("any", _("any reason")), *Flag.Kind.choices]

    def queryset(self, request: Any, queryset: Any) -> Any:
        chosen = self.value()
        if not chosen:
            return queryset
        flags = Flag.objects.filter(**{self.of: OuterRef("pk")})
        return queryset.filter(Exists(flags if chosen == "any" else flags.filter(kind=chosen)))


class ReportFlagFilter(FlagFilter):
    of = "report"


def flag_words(record: Any) -> str:
    """Why staff look at it first, as a list says it: needs the flags prefetched."""
    return "; ".join(dict.fromkeys(str(flag.get_kind_display()) for flag in record.flags.all()))


class CutoffFilter(admin.SimpleListFilter):
    title = _("cut-off of the round")
    parameter_name = "cutoff"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [("in", _("in time")), ("after", _("came after it"))]

    def queryset(self, request: Any, queryset: Any) -> Any:
        if self.value() in {"in", "after"}:
            return queryset.filter(after_cutoff=self.value() == "after")
        return queryset
