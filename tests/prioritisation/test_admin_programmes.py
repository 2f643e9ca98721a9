"""Programmes in the admin: the page staff run one from, the form, the members."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from prioritisation import services
from prioritisation.models import Membership, Programme
from prioritisation.workflow import Role
from tests import factories, panels

pytestmark = pytest.mark.django_db

LIST = "/admin/prioritisation/programme/"
PERMISSIONS = [
    "engagement.view_idea",
    "prioritisation.view_programme",
    "prioritisation.view_initiative",
    "prioritisation.work_up_initiative",
    "prioritisation.manage_programme",
]


def sign_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def html(response: Any) -> str:
    return str(response.content.decode())


def page(programme: Any, name: str) -> str:
    return f"{LIST}{programme.pk}/{name}"


@pytest.fixture
def manager() -> Any:
    return factories.staff("manager", permissions=PERMISSIONS)


@pytest.fixture
def programme(manager: Any) -> Any:
    programme = factories.Programme()
    programme.calls.add(factories.Call())
    factories.member(programme, manager, Role.MANAGER)
    return programme


@pytest.fixture
def desk(manager: Any) -> Client:
    return sign_in(manager)


def typed(**changes: Any) -> dict[str, Any]:
    return {"version": "1", "title_en": "Next plan", "title_fr": "Prochain plan", **changes}


def test_making_one_makes_a_manager(desk: Client, manager: Any) -> None:
    call = factories.Call()
    answer = desk.post(
        f"{LIST}add/",
        typed(
            slug="next",
            calls=[call.pk],
            places="70",
            starts_on="2027-01-01",
            ends_on="2027-06-30",
            second_person="on",
        ),
    )
    made = Programme.objects.get(slug="next")
    assert answer["Location"] == page(made, "change/")
    assert list(made.calls.all()) == [call]
    assert (made.places, made.second_person) == (70, True)
    assert made.memberships.get().user == manager
    again = desk.post(f"{LIST}add/", typed(slug="next", body_en="Typed and kept"))
    assert again.status_code == 422
    assert "Another programme has this short name." in html(again)
    assert "Typed and kept" in html(again)


def test_faults_keep_what_was_typed(desk: Client, programme: Any) -> None:
    answer = desk.post(
        page(programme, "edit/"),
        typed(title_en="", title_fr="", starts_on="2027-02-01", ends_on="2027-01-01", intro_en="Kept"),
    )
    assert answer.status_code == 422
    for words in ("Write this in at least one language.", "This is before it starts.", "Kept"):
        assert words in html(answer)


def test_who_was_slower_is_told(desk: Client, programme: Any, manager: Any) -> None:
    services.save_programme(by=manager, at=factories.NOW, values={"places": 5}, calls=[], programme=programme)
    answer = desk.post(page(programme, "edit/"), typed(intro_en="My own words"))
    assert answer.status_code == 409
    assert "Somebody else changed this programme" in html(answer)
    assert "My own words" in html(answer)
    programme.refresh_from_db()
    assert (programme.places, programme.intro) == (5, {})


def test_members_come_and_go_but_a_manager_stays(desk: Client, programme: Any, manager: Any) -> None:
    person = factories.User(first_name="Ada", last_name="Example")
    desk.post(page(programme, "members/"), {"user": person.pk, "role": "assessor"})
    membership = programme.memberships.get(user=person)
    assert membership.role == Role.ASSESSOR
    assert "Ada Example" in html(desk.get(page(programme, "members/")))
    desk.post(page(programme, "members/"), {"remove": membership.pk})
    assert not programme.memberships.filter(user=person).exists()
    last = programme.memberships.get(user=manager)
    refused = desk.post(page(programme, "members/"), {"remove": last.pk}, follow=True)
    assert "at least one manager" in html(refused)
    assert programme.memberships.filter(user=manager).exists()
    elsewhere = Membership.objects.create(programme=factories.Programme(), user=person, role=Role.MANAGER)
    desk.post(page(programme, "members/"), {"remove": elsewhere.pk})
    assert Membership.objects.filter(pk=elsewhere.pk).exists()


def test_another_programmes_manager_sees_and_does_nothing(programme: Any) -> None:
    user = factories.staff("stranger", permissions=PERMISSIONS)
    factories.member(factories.Programme(title={"en": "Mine"}), user, Role.MANAGER)
    stranger = sign_in(user)
    assert page(programme, "change/") not in html(stranger.get(LIST))
    for name in ("change/", "edit/", "members/"):
        assert stranger.get(page(programme, name)).status_code == 404, name
    for name in ("edit/", "members/"):
        sent = typed(user=user.pk, role="manager")
        assert stranger.post(page(programme, name), sent).status_code == 404, name
    programme.refresh_from_db()
    assert programme.version == 1
    assert not programme.memberships.filter(user=user).exists()


def test_an_analyst_reads_the_page_and_changes_nothing(programme: Any) -> None:
    user = factories.staff("analyst", permissions=["prioritisation.view_programme"])
    factories.member(programme, user, Role.ANALYST)
    analyst = sign_in(user)
    said = html(analyst.get(page(programme, "change/")))
    assert "What waits" in said
    assert page(programme, "members/") not in said
    assert analyst.post(page(programme, "members/"), {"user": user.pk, "role": "manager"}).status_code == 404
    assert analyst.get(f"{LIST}add/").status_code == 403


def test_an_empty_programme_has_a_page(desk: Client, programme: Any) -> None:
    said = html(desk.get(page(programme, "change/")))
    assert "No idea was received yet." in said


def test_the_page_tells_what_waits_and_no_score(now: Any) -> None:
    panel = panels.make(now, initiatives=4)
    call = panel.programme.calls.get()
    factories.Idea.create_batch(2, call=call)
    factories.Idea.create_batch(3, call=call, state="published")
    panel.open(per_initiative=2)
    manager = panel.manager
    for name in PERMISSIONS:
        _app, codename = name.split(".")
        manager.user_permissions.add(factories.Permission.objects.get(codename=codename))
    desk = sign_in(type(manager).objects.get(pk=manager.pk))
    said = " ".join(html(desk.get(page(panel.programme, "change/"))).split())
    for count, words in (
        (2, "ideas wait for a first decision"),
        (3, "published ideas are in no initiative yet"),
        (0, "initiatives are drafts"),
        (4, "initiatives are ready and not decided"),
        (0, "of 8 assessments are handed in"),
    ):
        assert f'<span class="w-step-count">{count}</span> <span>{words}' in said, words
    assert "<svg" in said


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


def test_the_page_asks_as_few_questions_with_many_ideas(desk: Client, programme: Any) -> None:
    call = programme.calls.get()
    factories.Idea.create_batch(5, call=call, state="published")
    few = queries(desk, page(programme, "change/"))
    factories.Idea.create_batch(40, call=call, state="published")
    assert queries(desk, page(programme, "change/")) == few
    assert few <= 45
