"""What a new city starts with: role groups with their permissions, and the standard reasons."""

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q

from engagement.services import install_reasons, install_retention

_READ_INTAKE = [
    "engagement.view_call",
    "engagement.view_idea",
    "engagement.view_meeting",
    "engagement.view_report",
    "engagement.view_theme",
    "engagement.view_district",
]
_READ_FUNNEL = [
    "prioritisation.view_programme",
    "prioritisation.view_initiative",
    "prioritisation.view_round",
]
_REFERENCE = [
    f"engagement.{verb}_{model}"
    for verb in ("add", "change", "view")
    for model in ("theme", "district", "department", "reportservice", "reason", "holiday", "routingrule")
]

ROLES: dict[str, list[str]] = {
    "assessor": ["prioritisation.view_round"],
    "department": ["engagement.answer_referral", "engagement.change_report"],
    "moderator": [
        *_READ_INTAKE,
        "engagement.triage_idea",
        "engagement.decide_appeal",
        "engagement.moderate_note",
        "engagement.translate_idea",
        "engagement.handle_report",
        "engagement.view_contact",
        "engagement.view_notice",
    ],
    "intake clerk": [
        *_READ_INTAKE,
        "engagement.type_in_idea",
        "engagement.import_idea",
        "engagement.view_job",
    ],
    "programme manager": [
        *_READ_INTAKE,
        *_READ_FUNNEL,
        *_REFERENCE,
        "engagement.manage_call",
        "engagement.triage_idea",
        "engagement.decide_appeal",
        "engagement.moderate_note",
        "engagement.translate_idea",
        "engagement.reopen_idea",
        "engagement.type_in_idea",
        "engagement.import_idea",
        "engagement.import_report",
        "engagement.view_archivefile",
        "engagement.export_idea",
        "engagement.export_report",
        "engagement.view_job",
        "engagement.view_notice",
        "prioritisation.manage_programme",
        "prioritisation.work_up_initiative",
        "prioritisation.view_policyversion",
        "prioritisation.view_decision",
        "prioritisation.view_plan",
    ],
    "publisher": [
        *_READ_INTAKE,
        *_READ_FUNNEL,
        "prioritisation.view_decision",
        "prioritisation.view_plan",
        "prioritisation.publish_decision",
    ],
    "analyst": [
        *_READ_INTAKE,
        *_READ_FUNNEL,
        "engagement.import_report",
        "engagement.view_archivefile",
        "engagement.export_idea",
        "engagement.export_report",
        "prioritisation.view_policyversion",
        "prioritisation.view_decision",
        "prioritisation.view_plan",
    ],
    "administrator": ["*"],
}
"""What each role may do at all. Within a programme a membership decides besides."""


@transaction.atomic
def install_roles() -> None:
    """Makes the role groups and gives them the permissions of the table, no more and no less."""
    for name, permissions in ROLES.items():
        group, _made = Group.objects.get_or_create(name=name)
        group.permissions.set(_found(permissions))


def _found(names: list[str]) -> list[Permission]:
    ours = Permission.objects.filter(content_type__app_label__in=("engagement", "prioritisation"))
    if names == ["*"]:
        return list(ours)
    wanted = Q(pk__in=[])
    for name in names:
        app, _dot, codename = name.partition(".")
        wanted |= Q(content_type__app_label=app, codename=codename)
    found = list(ours.filter(wanted).select_related("content_type"))
    known = {f"{one.content_type.app_label}.{one.codename}" for one in found}
    if missing := set(names) - known:
        raise LookupError(f"no such permission: {', '.join(sorted(missing))}")
    return found


@transaction.atomic
def install_city() -> None:
    """Everything that has to be there before the first call: roles, reasons, rules of retention.

    Safe to run again.
    """
    install_roles()
    install_reasons()
    install_retention()
