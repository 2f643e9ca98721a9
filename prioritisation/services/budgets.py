"""Budget lines and departments' capacities of a programme, and which initiatives need or shut out which."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from engagement.models import Department, User
from engagement.services import Refused, Stale
from prioritisation.models import BudgetLine, Capacity, Initiative, Programme, Relation
from prioritisation.services.access import hold_programme, record, require_role
from prioritisation.workflow import Role


@transaction.atomic
def save_budget_line(
    *,
    programme: Programme,
    label: dict[str, str],
    kind: str,
    year: int | None,
    amount: Decimal,
    reserve: int,
    by: User,
    at: datetime,
    line: BudgetLine | None = None,
    version: int | None = None,
) -> BudgetLine:
    """Makes a budget line or changes one. Two lines of one kind and year are refused: which would hold?"""
    require_role(by, programme, Role.MANAGER)
    hold_programme(programme)
    if kind not in BudgetLine.Kind.values:
        raise Refused(_("Choose a kind."), field="kind")
    if not amount.is_finite() or amount < 0:
        raise Refused(_("An amount is 0 or more."), field="amount")
    if not 0 <= reserve <= 100:
        raise Refused(_("Between 0 and 100% can be kept back."), field="reserve")
    same = programme.budget_lines.filter(kind=kind, year=year)
    if same.exclude(pk=line.pk if line else 0).exists():
        raise Refused(_("There is a line of this kind and year already."), field="year")
    values: dict[str, Any] = {
        "label": label,
        "kind": kind,
        "year": year,
        "amount": amount,
        "reserve": reserve,
    }
    if line is None:
        line = BudgetLine.objects.create(programme=programme, **values)
    else:
        _update(BudgetLine, line, version, values)
    record(programme, "change_budget", at=at, by=by, note=f"{line}: {amount}")
    return line


def _update(model: Any, row: Any, version: int | None, values: dict[str, Any]) -> None:
    seen = row.version if version is None else version
    if not model.objects.filter(pk=row.pk, version=seen).update(version=F("version") + 1, **values):
        raise Stale(_("Somebody else changed this line. Look again before you save."))
    row.refresh_from_db()


@transaction.atomic
def remove_budget_line(*, line: BudgetLine, by: User, at: datetime) -> None:
    require_role(by, line.programme, Role.MANAGER)
    record(line.programme, "change_budget", at=at, by=by, note=f"{line}: –")
    line.delete()


@transaction.atomic
def save_capacity(
    *,
    programme: Programme,
    department: Department,
    initiatives: int | None,
    effort: int | None,
    by: User,
    at: datetime,
    version: int | None = None,
) -> Capacity:
    """Says how much a department can carry; the line it has is changed."""
    require_role(by, programme, Role.MANAGER)
    hold_programme(programme)
    if initiatives is None and effort is None:
        raise Refused(_("Say how many initiatives, or how many points of effort."), field="initiatives")
    values = {"initiatives": initiatives, "effort": effort}
    capacity = programme.capacities.filter(department=department).first()
    if capacity is None:
        capacity = Capacity.objects.create(programme=programme, department=department, **values)
    else:
        _update(Capacity, capacity, version, values)
    record(programme, "change_capacity", at=at, by=by, note=f"{department}")
    return capacity


@transaction.atomic
def remove_capacity(*, capacity: Capacity, by: User, at: datetime) -> None:
    require_role(by, capacity.programme, Role.MANAGER)
    record(capacity.programme, "change_capacity", at=at, by=by, note=f"{capacity.department}: –")
    capacity.delete()


@transaction.atomic
def relate_initiatives(
    *, initiative: Initiative, kind: str, other: Initiative, by: User, at: datetime
) -> Relation:
    """`initiative` requires or excludes `other`. A pair that needs and shuts out one another is refused."""
    require_role(by, initiative.programme, Role.MANAGER)
    hold_programme(initiative.programme)
    if kind not in Relation.Kind.values:
        raise Refused(_("Choose whether it requires or excludes the other."), field="kind")
    if other.pk == initiative.pk:
        raise Refused(_("An initiative has no relation to itself."), field="other")
    if other.programme_id != initiative.programme_id:
        raise Refused(_("Choose an initiative of this programme."), field="other")
    pair = (initiative.pk, other.pk)
    between = Relation.objects.filter(initiative__in=pair, other__in=pair)
    if between.exclude(kind=kind).exists():
        raise Refused(_("They cannot require and exclude one another."), field="kind")
    same = between if kind == Relation.Kind.EXCLUDES else between.filter(initiative=initiative)
    if same.exists():
        raise Refused(_("That is on record already."), field="other")
    made = Relation.objects.create(initiative=initiative, kind=kind, other=other, made_at=at, made_by=by)
    record(
        initiative.programme,
        "relate",
        at=at,
        by=by,
        initiative=initiative,
        note=f"{made.get_kind_display()} {other.reference}",
    )
    return made


@transaction.atomic
def unrelate_initiatives(*, relation: Relation, by: User, at: datetime) -> None:
    initiative = relation.initiative
    require_role(by, initiative.programme, Role.MANAGER)
    note = f"{relation.get_kind_display()} {relation.other.reference}"
    record(initiative.programme, "unrelate", at=at, by=by, initiative=initiative, note=note)
    relation.delete()
