"""Mails to staff about rounds."""

from datetime import datetime, timedelta

import pytest
from django.core import mail

from engagement import services
from prioritisation import emails, models, tasks
from tests import factories

pytestmark = pytest.mark.django_db


def opened_round(now: datetime) -> models.Round:
    programme = factories.Programme()
    user = factories.User()
    policy = models.PolicyVersion.objects.create(
        programme=programme, number=1, document={}, sha256="0" * 64, created_at=now, created_by=user
    )
    return models.Round.objects.create(
        programme=programme,
        number=1,
        stage="assessment",
        policy_version=policy,
        seed=1,
        due_at=now + timedelta(days=20),
        created_at=now,
    )


def test_an_assessor_is_told_how_many_wait_and_until_when(now: datetime) -> None:
    round = opened_round(now)
    assessor = factories.User()
    notice = services.queue_notice(
        kind="prioritisation.round_opened", at=now, user=assessor, context={"round": round.pk}
    )
    assert notice is not None
    message = emails.compose(notice, now)
    assert message.to == [assessor.email]
    assert "“Action plan”" in message.subject
    assert "0 initiatives wait for your assessment" in message.body
    assert "Please finish by May 24, 2026" in message.body
    assert "/admin/" in message.body


def test_each_apps_worker_sends_its_own_kinds_only(now: datetime) -> None:
    round = opened_round(now)
    services.queue_notice(
        kind="prioritisation.round_opened", at=now, user=factories.User(), context={"round": round.pk}
    )
    services.deliver_notices(app="engagement", compose=emails.compose, clock=lambda: now)
    assert mail.outbox == []
    tasks.send_notices()
    assert len(mail.outbox) == 1


def test_a_department_is_told_how_many_facts_to_check_and_until_when(now: datetime) -> None:
    round = opened_round(now)
    context = {"round": round.pk, "waiting": 3, "until": "2026-05-24"}
    notice = services.queue_notice(
        kind="prioritisation.facts_asked", at=now, user=factories.User(), context=context
    )
    assert notice is not None
    body = emails.compose(notice, now).body
    assert "3 initiatives that your department would carry out" in body
    assert "Please answer by May 24, 2026." in body
    notice.context = {"round": round.pk}
    earlier = emails.compose(notice, now).body
    assert "Initiatives that your department would carry out" in earlier
    assert "Please answer by" not in earlier
