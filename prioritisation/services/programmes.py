"""Programmes, their members, and the scoring rules they go by."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from engagement.models import Call, Theme, User
from engagement.services import Refused, Stale
from prioritisation.models import Membership, PolicyVersion, Programme
from prioritisation.policies import schema
from prioritisation.services.access import hold_programme, record, require_role
from prioritisation.workflow import Role


@transaction.atomic
def save_programme(
    *,
    by: User,
    at: datetime,
    values: dict[str, Any],
    calls: list[Call],
    programme: Programme | None = None,
    version: int | None = None,
) -> Programme:
    """Makes a programme (its maker becomes its manager), or changes one nobody else changed."""
    if programme is None:
        if not by.has_perm("prioritisation.manage_programme"):
            raise Refused(_("You are not allowed to do this."), code="forbidden")
        try:
            with transaction.atomic():
                programme = Programme.objects.create(created_at=at, **values)
        except IntegrityError as error:
            raise Refused(_("Another programme has this short name."), field="slug") from error
        Membership.objects.create(programme=programme, user=by, role=Role.MANAGER)
        record(programme, "make_programme", at=at, by=by)
    else:
        require_role(by, programme, Role.MANAGER)
        seen = programme.version if version is None else version
        changed = Programme.objects.filter(pk=programme.pk, version=seen).update(
            version=F("version") + 1, **values
        )
        if not changed:
            raise Stale(_("Somebody else changed this programme. Look again before you save."))
        programme.refresh_from_db()
        record(programme, "change_programme", at=at, by=by)
    programme.calls.set(calls)
    return programme


@transaction.atomic
def add_member(*, programme: Programme, user: User, role: str, by: User, at: datetime) -> Membership:
    require_role(by, programme, Role.MANAGER)
    membership, made = Membership.objects.get_or_create(programme=programme, user=user, role=role)
    if made:
        record(programme, "add_member", at=at, by=by, note=f"{user.username}: {role}")
    return membership


@transaction.atomic
def remove_member(*, membership: Membership, by: User, at: datetime) -> None:
    programme = membership.programme
    require_role(by, programme, Role.MANAGER)
    managers = programme.memberships.filter(role=Role.MANAGER)
    if membership.role == Role.MANAGER and managers.count() == 1:
        raise Refused(_("A programme needs at least one manager."))
    record(programme, "remove_member", at=at, by=by, note=f"{membership.user.username}: {membership.role}")
    membership.delete()


def _checked(document: dict[str, Any]) -> schema.Policy:
    try:
        return schema.parse(document)
    except schema.PolicyError as error:
        raise Refused(str(error), code="policy", field="document") from error


@transaction.atomic
def adopt_policy(
    *, programme: Programme, document: dict[str, Any], by: User, at: datetime, source: str = ""
) -> PolicyVersion:
    """A new version of the programme's scoring rules, to be edited and then approved."""
    require_role(by, programme, Role.MANAGER)
    policy = _checked(document)
    hold_programme(programme)
    last = programme.policy_versions.aggregate(last=Max("number"))["last"] or 0
    adopted = PolicyVersion.objects.create(
        programme=programme,
        number=last + 1,
        document=document,
        sha256=schema.digest(document),
        source=source or policy.key,
        created_at=at,
        created_by=by,
    )
    record(programme, "adopt_policy", at=at, by=by, note=f"{adopted.number}: {policy.key}")
    return adopted


@transaction.atomic
def save_policy(
    *,
    policy_version: PolicyVersion,
    document: dict[str, Any],
    by: User,
    at: datetime,
    version: int | None = None,
) -> PolicyVersion:
    """Changes scoring rules that are not approved yet. Approved ones never change: adopt a new version."""
    require_role(by, policy_version.programme, Role.MANAGER)
    if policy_version.approved_at is not None:
        raise Refused(_("These scoring rules are approved and no longer change. Start a new version."))
    _checked(document)
    seen = policy_version.version if version is None else version
    changed = PolicyVersion.objects.filter(
        pk=policy_version.pk, version=seen, approved_at__isnull=True
    ).update(version=F("version") + 1, document=document, sha256=schema.digest(document))
    if not changed:
        raise Stale(_("Somebody else changed these scoring rules. Look again before you save."))
    policy_version.refresh_from_db()
    record(policy_version.programme, "change_policy", at=at, by=by, note=f"{policy_version.number}")
    return policy_version


@transaction.atomic
def approve_policy(
    *, policy_version: PolicyVersion, by: User, at: datetime, version: int | None = None
) -> PolicyVersion:
    """Freezes a version. Its themes become themes of the city where they are not yet."""
    require_role(by, policy_version.programme, Role.MANAGER)
    if policy_version.approved_at is not None:
        raise Refused(_("These scoring rules are approved already."), code="wrong_state")
    policy = _checked(policy_version.document)
    seen = policy_version.version if version is None else version
    changed = PolicyVersion.objects.filter(
        pk=policy_version.pk, version=seen, approved_at__isnull=True
    ).update(approved_at=at, approved_by=by, version=F("version") + 1)
    if not changed:
        raise Stale(_("Somebody else changed these scoring rules. Look again before you approve them."))
    for order, theme in enumerate(policy.themes):
        Theme.objects.get_or_create(
            key=theme.key, defaults={"kind": theme.kind, "label": dict(theme.label), "order": order}
        )
    policy_version.refresh_from_db()
    record(
        policy_version.programme, "approve_policy", at=at, by=by, note=f"{policy_version.number}", public=True
    )
    return policy_version
