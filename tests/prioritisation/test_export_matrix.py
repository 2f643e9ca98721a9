"""Which role may export what, in its own programme and in another one."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from engagement.models import Event, Idea, Job
from prioritisation import tasks
from prioritisation.services.setup import ROLES, install_roles
from prioritisation.workflow import Role
from tests import factories

pytestmark = pytest.mark.django_db

IDEAS = "/admin/engagement/idea/export/"
REPORTS = "/admin/engagement/report/export/"

MAY: dict[str, set[str]] = {
    "assessor": set(),
    "department": set(),
    "moderator": set(),
    "intake clerk": set(),
    "programme manager": {"ideas", "reports"},
    "publisher": set(),
    "analyst": {"ideas", "reports"},
    "administrator": {"ideas", "contacts", "reports"},
}
"""By role: what goes out of the intake's lists."""


@pytest.fixture
def intake() -> Any:
    install_roles()
    contact = factories.Contact(name="Ana Sender", questions_consent_at=factories.NOW)
    factories.Idea(state="published", contact=contact)
    factories.Report()


def in_role(role: str) -> Any:
    user = factories.User(username=role.replace(" ", "-"), department=factories.Department())
    user.groups.add(Group.objects.get(name=role))
    return user


def test_the_matrix_names_every_role() -> None:
    assert set(MAY) == set(ROLES)


@pytest.mark.parametrize("role", MAY)
@pytest.mark.parametrize(("what", "page"), [("ideas", IDEAS), ("contacts", IDEAS), ("reports", REPORTS)])
def test_a_role_takes_away_what_it_may_and_nothing_else(intake: Any, role: str, what: str, page: str) -> None:
    client = Client()
    client.force_login(in_role(role))
    asked = {"what": what, "format": "csv", "filters": "state=all"}
    answer = client.post(page, asked)
    if what in MAY[role]:
        data = b"".join(answer.streaming_content)
        assert data.count(b"\r\n") == 2
        assert (b"Ana Sender" in data) == (what == "contacts")
    else:
        assert answer.status_code in {403, 422}
        assert "attachment" not in answer.get("Content-Disposition", "")
    assert Event.objects.filter(verb="export_contact").exists() == (what == "contacts" and what in MAY[role])


@pytest.mark.parametrize("page", [IDEAS, REPORTS])
def test_who_is_not_signed_in_is_asked_to(intake: Any, page: str) -> None:
    assert Client().post(page, {"what": "ideas", "format": "csv"})["Location"].startswith("/admin/login/")


def test_departments_share_the_intake(intake: Any) -> None:
    """Ideas belong to the city: an analyst of any department has the same file, and no other one's jobs."""
    assert not hasattr(Idea, "department")
    client = Client()
    client.force_login(in_role("analyst"))
    assert client.post(IDEAS, {"what": "ideas", "format": "csv", "filters": "state=all"}).status_code == 200


@pytest.mark.parametrize("role", [Role.MANAGER, Role.PUBLISHER, Role.ANALYST, Role.ASSESSOR])
def test_the_staffs_shortlist_is_for_members_in_a_reading_role(intake: Any, role: str) -> None:
    own, other = factories.Programme(), factories.Programme()
    user = factories.member(own, in_role("analyst"), role)
    client = Client()
    client.force_login(user)
    for programme, allowed in ((own, role != Role.ASSESSOR), (other, False)):
        answer = client.get(f"/programmes/{programme.slug}/export.csv")
        # A programme without a plan has no file yet: those who may are told so, on the desk.
        assert answer.status_code == (302 if allowed else 403 if programme is own else 404)


def test_a_very_long_shortlist_is_the_workers_and_stays_its_owners(
    plan: Any, intake: Any, settings: Any
) -> None:
    """Of a member of another programme there is no job, of a colleague no file."""
    settings.WINNOW_EXPORT_INLINE_ROWS = 1
    programme = plan.plan.programme
    member = factories.member(programme, in_role("analyst"), Role.ANALYST)
    stranger = factories.member(factories.Programme(), factories.User(), Role.ANALYST)
    address = f"/programmes/{programme.slug}/export.xlsx"
    client, other = Client(), Client()
    client.force_login(member)
    other.force_login(stranger)
    assert other.get(address).status_code == 404
    sent = client.get(address)
    tasks.run_jobs()
    job = Job.objects.get()
    assert (job.state, sent["Location"]) == ("done", f"/admin/engagement/job/{job.pk}/change/"), job.error
    file = f"/admin/engagement/job/{job.pk}/files/export/"
    assert client.get(file).status_code == 200
    assert other.get(file).status_code == 404
    assert client.post(address, {"contacts": "on"}).status_code == 403
