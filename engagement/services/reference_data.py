"""Plain reference data: departments, districts, themes, report services, standard reasons.

Staff edit single rows in the admin; commands and the demonstration bring whole lists through here.
"""

from typing import Any, TypeVar

from django.db import transaction

from engagement.models import Department, District, Reason, ReportService, Theme

Kept = TypeVar("Kept", Department, District, Theme, ReportService, Reason)


@transaction.atomic
def keep_reference(model: type[Kept], *, key: dict[str, Any], values: dict[str, Any]) -> tuple[Kept, bool]:
    """Makes the row that `key` names, or brings it up to `values`. Gives it, and whether it is new."""
    row, made = model._default_manager.update_or_create(**key, defaults=values)
    return row, made
