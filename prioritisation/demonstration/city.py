"""The city itself: places, departments, services, and the staff who sign in."""

from typing import Any

from django.contrib.auth.hashers import make_password

from engagement import services as engagement
from engagement.models import Department, District, ReportService, Theme, User
from prioritisation.demonstration import content
from prioritisation.demonstration.clock import Clock
from prioritisation.services import install_city

ROLES = {
    "assessor": "assessor",
    "moderator": "moderator",
    "intake_clerk": "intake clerk",
    "programme_manager": "programme manager",
    "publisher": "publisher",
    "analyst": "analyst",
    "administrator": "administrator",
    "department": "department",
}


def found(*, clock: Clock, password: str) -> dict[str, list[User]]:
    """Makes everything that is there before the first idea comes. Gives the staff by role."""
    install_city()
    written = content.city()
    departments = _departments(written)
    _districts(written)
    _themes(written)
    _report_services(written, departments)
    return _staff(departments, password)


def _departments(written: dict[str, Any]) -> dict[str, Department]:
    rows = {}
    for one in written["departments"]:
        rows[one["code"]], _made = engagement.keep_reference(
            Department, key={"code": one["code"]}, values={"name": one["name"]}
        )
    return rows


def _districts(written: dict[str, Any]) -> None:
    for one in written["districts"]:
        boundary = {"type": "Polygon", "coordinates": [one["boundary"]]}
        engagement.keep_reference(
            District,
            key={"code": one["code"]},
            values={
                "name": one["name"],
                "population": one["population"],
                "quintile": one["deprivation_quintile"],
                "boundary": boundary,
            },
        )


def _themes(written: dict[str, Any]) -> None:
    for order, one in enumerate(written["themes"]):
        engagement.keep_reference(
            Theme,
            key={"key": one["key"]},
            values={
                "kind": one["kind"],
                "label": one["name"],
                "order": order,
            },
        )


def question(one: dict[str, Any]) -> dict[str, Any]:
    """A question as written, in the shape that forms read."""
    shaped = {
        "key": one["code"],
        "code": one["code"],
        "datatype": one["datatype"],
        "required": one.get("required", False),
        "label": one["text"],
    }
    if "values" in one:
        shaped["values"] = [{"key": value["key"], "label": value["name"]} for value in one["values"]]
    if "confidential" in one:
        shaped["confidential"] = one["confidential"]
    return shaped


def _report_services(written: dict[str, Any], departments: dict[str, Department]) -> None:
    for order, one in enumerate(written["report_services"]):
        keywords = [word for words in one.get("keywords", {}).values() for word in words]
        engagement.keep_reference(
            ReportService,
            key={"code": one["code"]},
            values={
                "name": one["name"],
                "group": one["group"],
                "description": one.get("description", {}),
                "notice": one.get("notice", {}),
                "keywords": ", ".join(keywords)[:300],
                "target_days": one.get("target_days"),
                "department": departments.get(one.get("department", "")),
                "questions": [question(asked) for asked in one.get("questions", [])],
                "order": order,
            },
        )


def _staff(departments: dict[str, Department], password: str) -> dict[str, list[User]]:
    staff: dict[str, list[User]] = {}
    hashed = make_password(password)
    for one in content.people():
        user = engagement.add_staff(
            username=one["username"],
            full_name=one["name"],
            email=f"{one['username']}{content.MAIL_DOMAIN}",
            department=departments.get(one.get("department", "")),
            language=one["language"],
            groups=[ROLES[one["role"]]],
            hashed=hashed,
            administrator=one["role"] == "administrator",
        )
        staff.setdefault(one["role"], []).append(user)
    return staff
