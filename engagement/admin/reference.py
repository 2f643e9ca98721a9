"""Plain reference data, edited by Django's own forms: nothing happens to it but being edited."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy

from engagement.admin.base import SHORT_NAME_HELP, Unlogged
from engagement.models import Department, District, Reason, Theme


class ReferenceAdmin(Unlogged):
    """What is no longer used is switched off, never deleted: the records that name it stay readable."""

    actions = None
    list_per_page = 100

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if isinstance(db_field, models.SlugField) and not db_field.help_text:
            kwargs["help_text"] = SHORT_NAME_HELP
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        title = capfirst(str(self.opts.verbose_name_plural))
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    @admin.display(description=gettext_lazy("name"))
    def name_shown(self, row: Any) -> str:
        return str(row)


@admin.register(Theme)
class ThemeAdmin(ReferenceAdmin):
    list_display = ("name_shown", "key", "kind", "parent", "order", "active")
    list_filter = ("kind", "active")
    list_select_related = ("parent",)


@admin.register(District)
class DistrictAdmin(ReferenceAdmin):
    list_display = ("name_shown", "code", "population", "quintile", "active")
    fields = ("code", "name", "population", "quintile", "active")


@admin.register(Department)
class DepartmentAdmin(ReferenceAdmin):
    list_display = ("name_shown", "code", "email", "active")


@admin.register(Reason)
class ReasonAdmin(ReferenceAdmin):
    list_display = ("name_shown", "action", "code", "eligible", "hides_text", "active")
    list_filter = ("action", "active")
