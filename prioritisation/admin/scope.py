"""Who sees and does what in the admin: permissions say it at all, membership says in which programmes."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from engagement.forms.choices import is_key
from engagement.models import User
from prioritisation.models import Programme
from prioritisation.workflow import Role


def person(request: HttpRequest) -> User:
    """Who signed in; the admin's pages are shown to nobody else."""
    assert isinstance(request.user, User)
    return request.user


def managed(request: HttpRequest) -> dict[int, Programme]:
    """The programmes that this person manages, by key; asked of the database once a request."""
    found: dict[int, Programme] | None = getattr(request, "_managed_programmes", None)
    if found is None:
        programmes = Programme.objects.seen_by(person(request), Role.MANAGER).order_by("-created_at", "-pk")
        found = {programme.pk: programme for programme in programmes}
        request._managed_programmes = found  # type: ignore[attr-defined]
    return found


class ProgrammeFilter(admin.SimpleListFilter):
    """Shown to who sees several programmes. `parameter_name` is the path to the programme."""

    title: Any = Programme._meta.verbose_name
    parameter_name = "programme"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        seen = Programme.objects.seen_by(person(request))
        found = [(str(one.pk), str(one)) for one in seen]
        return found if len(found) > 1 or self.value() else []

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        value = self.value()
        return queryset.filter(programme=value) if is_key(value) else queryset
