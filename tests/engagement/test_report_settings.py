"""Report services, holidays and rules of routing: edited in the admin, by who may, through services."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from engagement import services
from engagement.models import Holiday, ReportService, RoutingRule
from prioritisation.services.setup import install_city
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager() -> Any:
    install_city()
    user = factories.staff("the-manager")
    user.groups.add(Group.objects.get(name="programme manager"))
    return user


SERVICE = "/admin/engagement/reportservice/"
RULE = "/admin/engagement/routingrule/"


def rows(*questions: dict[str, str], initial: int = 0) -> dict[str, str]:
    data = {"questions-TOTAL_FORMS": str(len(questions)), "questions-INITIAL_FORMS": str(initial)}
    for place, question in enumerate(questions):
        data |= {f"questions-{place}-{name}": value for name, value in question.items()}
    return data


def values(**more: str) -> dict[str, str]:
    said = {"code": "lamp", "name_en": "Lamp", "nearby_metres": "80", "nearby_days": "30", "order": "0"}
    return {**said, "active": "on", "target_days": "5", "working_days": "on", **more}


def test_a_service_is_made_with_its_questions(client: Any, manager: Any) -> None:
    client.force_login(manager)
    asked = {"label_en": "Which lamp?", "datatype": "singlevaluelist", "values": "Tall | Haut\nsmall = Small"}
    answer = client.post(f"{SERVICE}add/", {**values(), **rows(asked)})
    assert answer.status_code == 302
    made = ReportService.objects.get(code="lamp")
    assert (made.nearby_metres, made.working_days, made.target_days) == (80, True, 5)
    question = made.questions[0]
    assert question["code"] == "which-lamp"
    assert [one["key"] for one in question["values"]] == ["tall", "small"]
    assert "key" not in question
    text = client.get("/report/lamp/").content.decode()
    assert "Which lamp?" in text
    assert "5 working days" in text


def test_what_the_form_does_not_ask_stays_in_a_question(client: Any, manager: Any) -> None:
    question = {"code": "q", "datatype": "string", "label": {"en": "Q"}, "order": 3, "variable": True}
    service = factories.ReportService(code="lamp", questions=[question])
    client.force_login(manager)
    row = {"key": "q", "label_en": "Question", "datatype": "string", "required": "on"}
    assert (
        client.post(f"{SERVICE}{service.pk}/change/", {**values(), **rows(row, initial=1)}).status_code == 302
    )
    service.refresh_from_db()
    assert service.questions[0] == {**question, "label": {"en": "Question"}, "required": True}


def test_what_is_wrong_in_a_service_is_said(client: Any, manager: Any) -> None:
    factories.ReportService(code="lamp")
    client.force_login(manager)
    for change, row in (
        ({}, {}),
        ({"code": "a b"}, {}),
        ({"code": "other"}, {"label_en": "Which?", "datatype": "singlevaluelist"}),
    ):
        answer = client.post(f"{SERVICE}add/", {**values(**change), **rows(row)})
        assert answer.status_code == 200
        assert "error-summary" in answer.content.decode()
    assert ReportService.objects.count() == 1


def test_holidays_are_pasted_whole_or_not_at_all(client: Any, manager: Any) -> None:
    client.force_login(manager)
    page = "/admin/engagement/holiday/paste/"
    bad = client.post(page, {"days": "2027-07-01 Canada Day\n2027-13-01 Nothing\nsoon Holiday\n2027-01-01"})
    assert "2, 3, 4" in bad.content.decode()
    assert not Holiday.objects.exists()
    lines = "2027-07-01 Canada Day | Fête du Canada\n\n2027-12-25 Christmas | Noël"
    for _twice in range(2):
        assert client.post(page, {"days": lines}).status_code == 302
    assert Holiday.objects.count() == 2
    assert Holiday.objects.first().name == {"en": "Canada Day", "fr": "Fête du Canada"}


def test_a_rule_is_tried_before_it_is_saved(client: Any, manager: Any) -> None:
    service = factories.ReportService(department=factories.Department(name={"en": "Roads"}))
    parks = factories.Department(name={"en": "Parks"})
    for _report in range(3):
        factories.Report(service=service, received_at=timezone.now())
    client.force_login(manager)
    rule = {"order": "1", "service": service.pk, "department": parks.pk, "active": "on"}
    text = client.post(f"{RULE}add/", {**rule, "_try": "1"}).content.decode()
    assert _cells(text)["Parks"] == ["0", "3"]
    assert _cells(text)["Roads"] == ["3", "0"]
    assert not RoutingRule.objects.exists()
    assert client.post(f"{RULE}add/", rule).status_code == 302
    assert RoutingRule.objects.get().department == parks


def _cells(page: str) -> dict[str, list[str]]:
    """Of each row of the page's tables: its heading, and its cells as words."""
    found = {}
    for row in re.findall(r"<tr>(<th scope=.row.*?)</tr>", page, re.DOTALL):
        words = [
            " ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in re.split(r"</th>|</td>", row)[:-1]
        ]
        found[words[0]] = words[1:]
    return found


def test_a_trial_says_which_rule_decides_what_and_what_is_nobodys(client: Any, manager: Any) -> None:
    roads = factories.Department(name={"en": "Roads"})
    parks = factories.Department(name={"en": "Parks"})
    lamps = factories.ReportService(name={"en": "Lamps"}, department=roads)
    trees = factories.ReportService(name={"en": "Trees"}, department=None)
    north = factories.District(name={"en": "North"})
    first = RoutingRule.objects.create(order=1, service=lamps, district=north, department=parks)
    now = timezone.now()
    fallen = factories.Report(service=trees, received_at=now)
    dark = factories.Report(service=lamps, district=north, received_at=now)
    plain = factories.Report.create_batch(3, service=lamps, received_at=now)
    factories.Report(service=trees, received_at=now - timedelta(days=91))
    client.force_login(manager)
    rule = {"order": "2", "service": lamps.pk, "department": parks.pk, "active": "on"}
    cells = _cells(client.post(f"{RULE}add/", {**rule, "_try": "1"}).content.decode())
    assert cells["1. Lamps · North → Parks"] == ["1", "1", f"{dark.reference} Lamps, North: Parks"]
    assert cells["2. Lamps · everywhere → Parks this rule"] == [
        *("0", "3"),
        f"{plain[-1].reference} Lamps: Roads → Parks",
    ]
    rest = cells["No rule fits: the department of the report service"]
    assert rest == ["4", "1", f"{fallen.reference} Trees: nobody yet"]
    assert cells["nobody yet"] == ["1", "1"]
    text = client.post(f"{RULE}add/", {**rule, "_try": "1"}).content.decode()
    assert "<li>Trees (1)</li>" in text

    changed = {"order": "1", "service": lamps.pk, "district": north.pk, "department": parks.pk}
    cells = _cells(client.post(f"{RULE}{first.pk}/change/", {**changed, "_try": "1"}).content.decode())
    assert cells["1. Lamps · North → Parks this rule"] == ["1", "0", "–"], "out of use, it decides nothing"
    assert cells["Roads"] == ["3", "4"]


def test_a_trial_costs_the_same_with_many_rules(client: Any, manager: Any) -> None:
    client.force_login(manager)
    service = factories.ReportService()
    rule = {"order": "99", "service": service.pk, "department": factories.Department().pk, "active": "on"}
    counted = []
    for _more in range(2):
        for _rule in range(3):
            district = factories.District()
            department = factories.Department()
            RoutingRule.objects.create(order=1, service=service, district=district, department=department)
            factories.Report(service=service, district=district, received_at=timezone.now())
        with CaptureQueriesContext(connection) as queries:
            assert client.post(f"{RULE}add/", {**rule, "_try": "1"}).status_code == 200
        counted.append(len(queries))
    assert counted[0] == counted[1]


def test_rules_change_places(client: Any, manager: Any, clerk: Any) -> None:
    one, two, three = (RoutingRule.objects.create(department=factories.Department()) for _ in range(3))
    client.force_login(manager)
    for move in (f"up-{three.pk}", f"up-{one.pk}", "up-999999", "sideways", f"down-{three.pk}"):
        assert client.post(f"{RULE}move/", {"move": move}).status_code == 302
    assert list(RoutingRule.objects.all()) == [one, two, three]
    client.post(f"{RULE}move/", {"move": f"up-{two.pk}"})
    assert list(RoutingRule.objects.all()) == [two, one, three]
    client.force_login(clerk)
    assert client.post(f"{RULE}move/", {"move": f"up-{one.pk}"}).status_code == 403


def test_services_ask_for_the_permission(clerk: Any) -> None:
    rule = RoutingRule.objects.create(department=factories.Department())
    for act in (
        lambda: services.save_report_service(by=clerk, values={"code": "x", "name": {"en": "X"}}),
        lambda: services.add_holidays(by=clerk, days=[]),
        lambda: services.remove_holiday(by=clerk, holiday=Holiday(date=date(2027, 7, 1))),
        lambda: services.save_rule(by=clerk, values={}),
        lambda: services.move_rule(by=clerk, rule=rule, up=True),
    ):
        with pytest.raises(services.Refused):
            act()


def test_the_list_of_reports_knows_departments_and_what_came_back(client: Any, administrator: Any) -> None:
    roads, parks = factories.Department(), factories.Department()
    by_service = factories.Report(service=factories.ReportService(department=roads))
    by_rule = factories.Report(service=by_service.service, department=parks)
    back = factories.Report(state="closed")
    services.not_fixed_report(report=back, words="No.", at=timezone.now())
    client.force_login(administrator)
    for query, shown, hidden in (
        (f"department={roads.pk}", by_service, by_rule),
        (f"department={parks.pk}", by_rule, by_service),
        ("state=back", back, by_rule),
    ):
        text = client.get(f"/admin/engagement/report/?{query}").content.decode()
        assert shown.reference in text
        assert hidden.reference not in text
    assert "is not fixed, says its sender" in client.get("/admin/").content.decode()


def test_a_holiday_is_removed_after_it_was_asked(client: Any, manager: Any) -> None:
    client.force_login(manager)
    day = Holiday.objects.create(date=date(2027, 7, 1), name={"en": "Canada Day"})
    page = f"/admin/engagement/holiday/{day.pk}/remove/"
    assert page in client.get("/admin/engagement/holiday/").content.decode()
    assert "Canada Day" in client.get(page).content.decode()
    assert Holiday.objects.exists(), "asking removes nothing"
    assert client.post(page).status_code == 302
    assert not Holiday.objects.exists()
    assert client.post(page).status_code == 404
