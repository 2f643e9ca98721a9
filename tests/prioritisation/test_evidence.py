"""Evidence from problem reports: counted where the initiative applies, frozen when a round opens."""

import copy
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from engagement.models import ArchiveFile
from engagement.services import Refused, Stale, archive
from prioritisation import evidence_documents, services
from prioritisation.models import Assignment, EvidenceFigures, EvidenceLink, Initiative, PlanVersion
from prioritisation.workflow import Role
from tests import factories, panels
from tests.prioritisation import reports_archive as reports
from tests.prioritisation import scene
from tests.staff_pages import signed_in

pytestmark = pytest.mark.django_db
PERIOD = {"from_date": date(2026, 1, 1), "to_date": date(2026, 2, 28)}
ROWS = [
    ("Street Lights", "2026-01-05 08:30:00", reports.WEST, 12),  # a Monday
    ("Street Lights", "2026-02-04 17:10:00", reports.WEST, 3),
    ("Street Lights", "2026-01-06 08:30:00", reports.EAST, 40),
    ("Street Lights", "2026-01-06 08:30:00", reports.NOWHERE, 5),
    ("Street Lights", "2025-12-31 08:30:00", reports.WEST, 9),
    ("Potholes", "2026-01-05 08:30:00", reports.WEST, 7),
]


@pytest.fixture
def filled(settings: Any, tmp_path: Path, now: Any, db: Any) -> Any:
    settings.VAR = tmp_path / "var"
    factories.District(code="west", name={"en": "West"}, boundary=scene.square(-79.0), population=5000)
    factories.District(code="east", name={"en": "East"}, boundary=scene.square(-78.9))
    return reports.fill(tmp_path, now, ROWS)


@pytest.fixture
def panel(now: Any, filled: Any) -> panels.Panel:
    made = panels.make(now)
    made.manager.user_permissions.add(
        *factories.permissions_named("prioritisation.work_up_initiative", "prioritisation.view_initiative")
    )
    for initiative in made.work_up(4):
        place(initiative, "west")
    return made


def place(initiative: Initiative, *codes: str) -> None:
    initiative.whole_city = not codes
    initiative.save()
    initiative.districts.set(archive_districts(*codes))


def archive_districts(*codes: str) -> Any:
    return factories.District._meta.model.objects.filter(code__in=codes)


def link(panel: panels.Panel, place: int = 0, **changes: Any) -> EvidenceLink:
    values: dict[str, Any] = {"services": ["Street Lights"], **PERIOD, **changes}
    return services.link_evidence(
        initiative=panel.initiatives[place], by=panel.manager, at=panel.now, **values
    )


def counted(panel: panels.Panel, place: int = 0) -> list[dict[str, Any]]:
    initiative = Initiative.objects.get(pk=panel.initiatives[place].pk)
    found = [one.document for one in services.evidence_of(initiative, at=panel.now)]
    return [one for one in found if one is not None]


# What is counted ----------------------------------------------------------------------------------


def test_reports_of_the_area_and_period_are_counted(panel: panels.Panel) -> None:
    link(panel)
    (document,) = counted(panel)
    figures = document["figures"]
    assert (figures["total"], figures["without_place"]) == (15, 5)
    assert figures["by_month"] == [["2026-01", 12], ["2026-02", 3]]
    assert figures["by_hour_of_week"][0][8] == 12
    assert figures["files"] == [["311.csv", "ODbL"]]
    assert evidence_documents.per_thousand(document) == 3.0
    place(panel.initiatives[0])
    (everywhere,) = counted(panel)
    assert everywhere["figures"]["total"] == 60
    assert evidence_documents.per_thousand(everywhere) is None, "one district does not tell its residents"


def test_without_an_area_nothing_is_guessed(panel: panels.Panel) -> None:
    link(panel)
    Initiative.objects.filter(pk=panel.initiatives[0].pk).update(whole_city=False)
    panel.initiatives[0].districts.clear()
    (found,) = services.evidence_of(Initiative.objects.get(pk=panel.initiatives[0].pk), at=panel.now)
    assert found.document is None
    assert "where the initiative applies" in found.why_not


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"services": []}, "services"),
        ({"services": [str(number) for number in range(31)]}, "services"),
        ({"to_date": date(2025, 1, 1)}, "to_date"),
    ],
)
def test_what_makes_no_sense_is_refused(panel: panels.Panel, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refused:
        link(panel, **wrong)
    assert refused.value.field == field
    assert not EvidenceLink.objects.exists()


def test_no_report_counts_twice_on_one_initiative(panel: panels.Panel) -> None:
    made = link(panel)
    with pytest.raises(Refused) as refused:
        link(panel, services=["Potholes", "Street Lights"], from_date=PERIOD["to_date"])
    assert refused.value.field == "services"
    assert "Street Lights" in str(refused.value.message)
    assert "Potholes" not in str(refused.value.message)
    other = link(panel, services=["Potholes"])
    with pytest.raises(Refused):
        services.change_evidence(
            link=other, services=["Street Lights"], by=panel.manager, at=panel.now, **PERIOD
        )
    link(panel, 1)  # another initiative
    link(
        panel, from_date=PERIOD["to_date"] + timedelta(days=1), to_date=PERIOD["to_date"] + timedelta(days=9)
    )
    services.change_evidence(link=made, by=panel.manager, at=panel.now, services=made.services, **PERIOD)


def test_only_managers_and_only_before_the_decision(panel: panels.Panel) -> None:
    made = link(panel)
    stranger = factories.member(factories.Programme(), factories.User(), Role.MANAGER)
    for person in (panel.analyst, panel.assessors[0], panel.publisher, stranger):
        with pytest.raises(Refused):
            services.link_evidence(
                initiative=panel.initiatives[0], services=["Potholes"], by=person, at=panel.now, **PERIOD
            )
        with pytest.raises(Refused):
            services.remove_evidence(link=made, by=person, at=panel.now)
    with pytest.raises(Stale):
        services.remove_evidence(link=made, by=panel.manager, at=panel.now, version=7)
    Initiative.objects.filter(pk=panel.initiatives[0].pk).update(state="chosen")
    made.refresh_from_db()
    with pytest.raises(Refused, match="decided"):
        services.remove_evidence(link=made, by=panel.manager, at=panel.now)
    assert EvidenceLink.objects.standing().count() == 1


# What is frozen -----------------------------------------------------------------------------------


def test_opening_a_round_freezes_the_figures_whatever_comes_later(
    panel: panels.Panel, tmp_path: Path, now: Any
) -> None:
    first, second = link(panel), link(panel, services=["Potholes"])
    link(panel, 1, services=["Potholes"])
    round = panel.open()
    assert EvidenceFigures.objects.filter(round=round).count() == 3
    before = copy.deepcopy(services.frozen_evidence(round=round, initiative=panel.initiatives[0]))
    assert [one["figures"]["total"] for one in before] == [15, 7]
    more = [("Street Lights", "2026-01-07 09:00:00", reports.WEST, 100)]
    reports.fill(tmp_path, now, more, name="more.csv")
    services.remove_evidence(link=second, by=panel.manager, at=now)
    services.change_evidence(
        link=first, services=["Potholes", "Street Lights"], by=panel.manager, at=now, **PERIOD
    )
    place(panel.initiatives[0], "east")
    assert services.frozen_evidence(round=round, initiative=panel.initiatives[0]) == before
    page = assessors_page(panel, round)
    assert "15 problem reports (Street Lights) in West" in page
    assert "7 problem reports (Potholes)" in page
    frozen = EvidenceFigures.objects.filter(round=round).first()
    assert frozen is not None
    assert frozen.archive in page
    assert counted(panel)[0]["figures"]["archive"] != frozen.archive


def assessors_page(panel: panels.Panel, round: Any) -> str:
    mine = Assignment.objects.filter(entry__round=round, entry__initiative=panel.initiatives[0]).first()
    assert mine is not None
    page = signed_in(mine.assessor).get(reverse("admin:prioritisation_assess_one", args=(mine.pk,)))
    return " ".join(page.content.decode().split())


def test_a_broken_archive_opens_no_round(panel: panels.Panel) -> None:
    link(panel, to_date=date(2026, 2, 20))  # asked by no other test, so that no cache has the answer
    round = panel.prepare()
    for path in archive.archive_folder().glob("*.parquet"):
        path.write_bytes(b"broken")
    with pytest.raises(Refused, match="broken"):
        services.open_round(round=round, by=panel.manager, at=panel.now)
    round.refresh_from_db()
    assert (round.state, EvidenceFigures.objects.count()) == ("preparing", 0)
    assert ArchiveFile.objects.exists()
    page = signed_in(panel.manager).get(detail(panel))
    assert "lost or broken" in page.content.decode()


def test_evidence_that_changes_while_the_round_opens_is_told(
    panel: panels.Panel, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = link(panel)
    round = panel.prepare()
    gather = services.rounds.gather_evidence

    def and_then(*args: Any, **kwargs: Any) -> Any:
        found = gather(*args, **kwargs)
        services.change_evidence(link=made, services=["Potholes"], by=panel.manager, at=panel.now, **PERIOD)
        return found

    monkeypatch.setattr("prioritisation.services.rounds.gather_evidence", and_then)
    with pytest.raises(Stale):
        services.open_round(round=round, by=panel.manager, at=panel.now)
    round.refresh_from_db()
    assert round.state == "preparing"


# Pages --------------------------------------------------------------------------------------------


def detail(panel: panels.Panel, place: int = 0) -> str:
    return reverse("admin:prioritisation_initiative_change", args=(panel.initiatives[place].pk,))


def verb(panel: panels.Panel) -> tuple[str, dict[str, Any]]:
    first = Initiative.objects.get(pk=panel.initiatives[0].pk)
    address = reverse("admin:prioritisation_initiative_do", args=("link_evidence",))
    return address, {
        "selected": f"{first.pk}:{first.version}",
        "from_date": "2026-01-01",
        "to_date": "2026-02-28",
        "words_en": "Lamps go out in winter.",
    }


def test_kinds_of_report_are_found_by_words_and_added(panel: panels.Panel) -> None:
    client = signed_in(panel.manager)
    address, sent = verb(panel)
    page = client.get(address, {"selected": sent["selected"], "from": "detail"}).content.decode()
    assert "and open the next" not in page, "who adds figures wants to see them"
    assert "Street Lights · 69 reports" in page
    assert "Potholes · 7 reports" in page
    searched = client.post(address, {**sent, "services": ["Potholes"], "find": "lights", "_search": "1"})
    page = searched.content.decode()
    assert page.index("Potholes · 7") < page.index("Street Lights · 69"), "what was ticked stays"
    assert "Lamps go out in winter." in page
    refused = client.post(address, {**sent, "to_date": "2025-01-01"})
    assert "Choose at least one kind of report." in refused.content.decode()
    assert "This is before it starts." in refused.content.decode()
    assert client.post(address, {**sent, "services": ["Street Lights"]}).status_code == 302
    page = " ".join(client.get(detail(panel)).content.decode().split())
    for words in (
        "15 problem reports (Street Lights) in West, from Jan. 1, 2026 to Feb. 28, 2026.",
        "Lamps go out in winter.",
        "5 more reports say no place and are not counted here.",
        "That is 3.0 for each 1,000 residents",
        "Busiest: Monday from 8:00 to 9:00, with 12.",
        "reports, not problems",
        "311.csv (ODbL)",
    ):
        assert words in page, words
    assert page.count("<svg") == page.count("</svg>")
    assert page.count('<table class="evidence-week">') == 1


def test_a_link_is_changed_with_its_version_and_taken_away(panel: panels.Panel) -> None:
    client, made = signed_in(panel.manager), link(panel)
    address = reverse("admin:prioritisation_initiative_evidence", args=(made.initiative_id, made.pk))
    sent = {"services": ["Potholes"], "from_date": "2026-01-01", "to_date": "2026-01-31", "version": 1}
    assert 'value="Street Lights"' in client.get(address).content.decode()
    assert client.post(address, sent).status_code == 302
    late = client.post(address, {**sent, "services": ["Street Lights"], "words_en": "Mine"})
    assert late.status_code == 409
    assert "Mine" in late.content.decode()
    made.refresh_from_db()
    assert (made.services, made.version) == (["Potholes"], 2)
    for person in (panel.analyst, panel.assessors[0]):
        assert signed_in(person).get(address).status_code in (403, 404)
    assert client.post(address, {"_remove": "1", "version": 2}).status_code == 302
    assert client.get(address).status_code == 404
    assert "What problem reports say" not in client.get(detail(panel)).content.decode()


@pytest.mark.parametrize(
    ("field", "day"), [("from_date", "0001-01-01"), ("from_date", "1979-12-31"), ("to_date", "9999-12-31")]
)
def test_days_far_away_are_refused_and_break_no_page(panel: panels.Panel, field: str, day: str) -> None:
    client, (address, sent) = signed_in(panel.manager), verb(panel)
    refused = client.post(address, {**sent, "services": ["Potholes"], field: day})
    assert "in the years 1980 to 2099" in refused.content.decode()
    assert not EvidenceLink.objects.exists()
    assert client.get(detail(panel)).status_code == 200


@pytest.mark.parametrize("name", ["No such kind", "Street\0Lights"])
def test_a_kind_that_the_archive_does_not_have_is_nobodys_choice(panel: panels.Panel, name: str) -> None:
    client, (address, sent) = signed_in(panel.manager), verb(panel)
    refused = client.post(address, {**sent, "services": [name]})
    assert "Choose among the kinds that were found." in refused.content.decode()
    assert not EvidenceLink.objects.exists()
    made = link(panel, services=["Gone"])
    page = reverse("admin:prioritisation_initiative_evidence", args=(made.initiative_id, made.pk))
    assert "Gone (no longer in the archive)" in client.get(page).content.decode()


def test_a_published_plan_tells_what_the_panel_read_without_small_numbers(
    panel: panels.Panel, now: Any, client: Client
) -> None:
    link(panel)
    round = panel.open()
    panel.score(round, lambda index: 4)
    panel.close(round)
    services.draft_decisions(round=round, by=panel.manager, at=now)
    services.save_plan(programme=panel.programme, slug="p", title={"en": "P"}, by=panel.manager, at=now)
    services.publish_round(round=round, by=panel.publisher, at=now)
    document = PlanVersion.objects.get().document
    entry = next(one for one in document["initiatives"] if one["evidence"])
    assert entry["evidence"][0]["figures"]["by_month"] == [["2026-01", None], ["2026-02", None]]
    page = " ".join(client.get(f"/plans/p/{entry['reference']}/").content.decode().split())
    assert "15 problem reports (Street Lights) in West" in page
    assert "under 5" in page
    assert "Numbers under 5" in page
    assert ">3<" not in page.partition("evidence-week")[2].partition("</table>")[0]
    assert entry["evidence"][0]["figures"]["archive"] not in page
    told = client.get("/api/v1/plans/p/initiatives").json()["results"]
    for one in told:
        del one["delivery"]  # how far it is today: told beside the document, and in no document
    assert told == document["initiatives"]
    # A plan that was published before there was evidence is read as one without.
    for one in document["initiatives"]:
        del one["evidence"]
    PlanVersion.objects.update(document=document)
    assert client.get(f"/plans/p/{entry['reference']}/").status_code == 200
    told = client.get("/api/v1/plans/p/initiatives").json()["results"]
    assert {len(one["evidence"]) for one in told} == {0}
