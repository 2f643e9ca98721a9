"""Programmes, their members, and the scoring rules they go by."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from engagement.models import Call, Theme, User
from engagement.services import Refused, Stale
from prioritisation.models import Membership, PolicyVersion, Programme, Result
from prioritisation.policies import catalogue, schema
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


def writers(policy_version: PolicyVersion) -> set[int | None]:
    """Keys of those who made or changed this version."""
    events = policy_version.programme.events.filter(verb="change_policy", note=f"{policy_version.number}")
    return {policy_version.created_by_id, *events.values_list("by", flat=True)}


def _require_ranges(policy: schema.Policy) -> None:
    without = [
        one.label.get(get_language() or "") or one.label[policy.languages[0]]
        for one in schema.without_range(policy)
    ]
    if without:
        said = _("Say in words what is worst and what is best before the points can count: %(criteria)s.")
        raise Refused(said % {"criteria": ", ".join(without)}, code="no_range")


@transaction.atomic
def approve_policy(
    *, policy_version: PolicyVersion, by: User, at: datetime, version: int | None = None
) -> PolicyVersion:
    """Freezes a version. Its themes become themes of the city where they are not yet.

    A weight means the step from worst to best, so none is approved whose two ends are not in words (METHOD
    5.2). Where the programme asks for a second person, that is another manager or a publisher.
    """
    programme = policy_version.programme
    roles = (Role.MANAGER, Role.PUBLISHER) if programme.second_approver else (Role.MANAGER,)
    require_role(by, programme, *roles)
    if policy_version.approved_at is not None:
        raise Refused(_("These scoring rules are approved already."), code="wrong_state")
    if programme.second_approver and by.pk in writers(policy_version):
        said = _("You wrote or changed these rules; somebody else has to approve them.")
        raise Refused(said, code="second_person")
    policy = _checked(policy_version.document)
    _require_ranges(policy)
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


def rules_weighed_before(policy_version: PolicyVersion) -> schema.Policy | None:
    """The rules in which the points of this version were first set: the version before it, or the shipped
    rules that it was taken from."""
    earlier = PolicyVersion.objects.filter(
        programme=policy_version.programme_id, number__lt=policy_version.number
    ).order_by("-number")
    before = earlier.values_list("document", flat=True).first()
    if before is None:
        try:
            before = catalogue.load(policy_version.source)
        except KeyError:
            return None
    return schema.parse(before)


def scored_alike(programme: Programme) -> list[schema.Alike]:
    """Pairs of criteria that the programme's newest ranking scored much the same.

    A ranking exists only once its round is closed: before that nothing is told of any score.
    """
    results = Result.objects.filter(round__programme=programme, round__closed_at__isnull=False)
    newest = results.filter(kind=Result.Kind.RANKING).order_by("-round__closed_at", "-pk").first()
    if newest is None:
        return []
    rows = newest.output["rows"]
    keys = [one.key for one in schema.parse(newest.policy_version.document).assessed_criteria()]
    return schema.much_alike({key: [row["criteria"][key]["mean"] for row in rows] for key in keys})
