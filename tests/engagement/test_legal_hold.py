"""A record on legal hold: nothing of it is erased, the sender is told whom to ask, staff see why."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from engagement import links, services
from engagement.models import Idea, LegalHold, Report, Transfer
from engagement.photos import CleanPhoto
from engagement.services import Refused
from tests import factories

MAY = ["engagement.hold_record", "engagement.view_idea", "engagement.view_report"]
PHOTO = CleanPhoto(b"not looked at", 1, 1, "JPEG")


@pytest.fixture
def holder(db: None) -> Any:
    return factories.staff("holder", permissions=MAY)


@pytest.fixture(params=["idea", "report"])
def record(request: pytest.FixtureRequest, db: None) -> Any:
    contact = factories.Contact()
    if request.param == "idea":
        return factories.Idea(contact=contact)
    return factories.Report(contact=contact)


def erase(record: Any, now: datetime, *, keep: bool = False) -> None:
    verb = services.erase_sender if isinstance(record, Idea) else services.erase_report_sender
    verb(**{"idea" if isinstance(record, Idea) else "report": record}, at=now, keep_text=keep)


def hold(record: Any, holder: Any, now: datetime) -> LegalHold:
    return services.place_hold(record=record, by=holder, at=now, reason="Case 26-114")


@pytest.mark.parametrize("keep", [True, False])
def test_while_it_stands_nothing_is_erased(record: Any, holder: Any, now: datetime, keep: bool) -> None:
    services.attach_photo(record=record, photo=PHOTO, caption="", rights_confirmed=True, at=now)
    hold(record, holder, now)
    with pytest.raises(Refused) as refusal:
        erase(record, now, keep=keep)
    assert refusal.value.code == "held"
    assert "engagement@city.example" in str(refusal.value)
    assert "26-114" not in str(refusal.value)
    with pytest.raises(Refused):
        services.remove_photos(record=record)
    again = type(record)._default_manager.get(pk=record.pk)
    assert again.contact == record.contact
    assert again.nonce == record.nonce
    assert again.photos.count() == 1


def test_once_lifted_the_sender_can_have_it_erased(record: Any, holder: Any, now: datetime) -> None:
    hold(record, holder, now)
    services.lift_hold(record=record, by=holder, at=now + timedelta(days=1), reason="Closed")
    erase(record, now + timedelta(days=2))
    record.refresh_from_db()
    assert record.contact is None
    told = [(event.verb, event.public, event.note) for event in record.events.order_by("pk")]
    assert ("place_hold", False, "Case 26-114") in told
    assert ("lift_hold", False, "Closed") in told


def test_only_who_may_and_only_once(record: Any, holder: Any, moderator: Any, now: datetime) -> None:
    for by, reason, code in ((moderator, "x", "forbidden"), (holder, " ", "refused")):
        with pytest.raises(Refused) as refusal:
            services.place_hold(record=record, by=by, at=now, reason=reason)
        assert refusal.value.code == code
    with pytest.raises(Refused, match="not on legal hold"):
        services.lift_hold(record=record, by=holder, at=now, reason="x")
    hold(record, holder, now)
    with pytest.raises(Refused, match="already"):
        hold(record, holder, now)
    with pytest.raises(Refused) as refusal:
        services.lift_hold(record=record, by=moderator, at=now, reason="x")
    assert refusal.value.code == "forbidden"


def test_an_idea_taken_as_a_report_is_held_with_it(holder: Any, now: datetime) -> None:
    idea, report = factories.Idea(contact=factories.Contact()), factories.Report()
    Transfer.objects.create(idea=idea, report=report, at=now, by=holder)
    hold(report, holder, now)
    with pytest.raises(Refused):
        erase(idea, now)


def test_only_the_administrators_role_may_hold() -> None:
    from prioritisation.services.setup import ROLES

    assert [name for name, held in ROLES.items() if "engagement.hold_record" in held or "*" in held] == [
        "administrator"
    ]


def test_the_sender_is_told_on_the_private_page(client: Any, record: Any, holder: Any, now: datetime) -> None:
    hold(record, holder, now)
    answer = client.post(links.tracking_path(record, page="tracking_erase"), {"words": "remove"})
    assert answer.status_code == 422
    said = answer.content.decode()
    assert "the law requires the city to keep it" in said
    assert "engagement@city.example" in said
    assert "26-114" not in said


def test_staff_place_see_and_lift_it(client: Any, record: Any, holder: Any) -> None:
    client.force_login(holder)
    kind = "idea" if isinstance(record, Idea) else "report"
    detail = f"/admin/engagement/{kind}/{record.pk}/change/"
    page = f"/admin/engagement/{kind}/{record.pk}/hold/"
    assert page in client.get(detail).content.decode()
    empty = client.post(page, {"reason": ""})
    assert "Write why." in empty.content.decode()
    assert client.post(page, {"reason": "Case 26-114"}, follow=True).redirect_chain[-1][0] == detail
    assert "Case 26-114" in client.get(detail).content.decode()
    client.post(page, {"reason": "Closed"})
    assert not LegalHold.objects.standing().exists()


def test_other_staff_see_that_it_is_held_and_not_why(client: Any, holder: Any, now: datetime) -> None:
    idea = factories.Idea()
    hold(idea, holder, now)
    client.force_login(factories.staff("reader", permissions=["engagement.view_idea"]))
    said = client.get(f"/admin/engagement/idea/{idea.pk}/change/").content.decode()
    assert "On legal hold since" in said
    assert client.get(f"/admin/engagement/idea/{idea.pk}/hold/").status_code == 403


def test_holding_and_erasing_lock_the_same_row(holder: Any, now: datetime) -> None:
    """Both ask for the row before they look for holds: two that meet cannot both have their way."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for verb in (lambda r: hold(r, holder, now), lambda r: erase(r, now)):
        report: Report = factories.Report()
        with CaptureQueriesContext(
            connection,
        ) as seen:
            verb(report)
        statements = [query["sql"] for query in seen if "engagement_report" in query["sql"]]
        assert '"engagement_report"' in statements[0]
        assert ("FOR NO KEY UPDATE" in statements[0]) == connection.features.has_select_for_update
