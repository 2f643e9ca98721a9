"""A job's page in a real browser: it follows the job by itself, by keyboard, and without script."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from engagement import exports, services
from engagement.models import Job
from tests import factories
from tests.browser.conftest import DESK, PHONE, check_page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def job(administrator: Any) -> Job:
    """An export that a worker is at."""
    keys = [factories.Idea(state="published").pk]
    services.queue_job(kind="engagement.export_reports", parameters={"name": "r.csv"}, at=timezone.now())
    asked = exports.queue_export(
        what=exports.IDEAS, kind="csv", keys=keys, by=administrator, at=timezone.now()
    )
    tell(asked, 120)
    return asked


def tell(job: Job, progress: int) -> None:
    at = timezone.now()
    lease = at + timedelta(hours=1)
    Job.objects.filter(pk=job.pk).update(
        state="running", progress=progress, total=1000, attempts=1, lease_until=lease, heartbeat_at=at
    )


def test_the_page_follows_its_job_and_cancels_it_by_keyboard(
    job: Job, page: Any, sign_in: Callable[[Any], None], administrator: Any
) -> None:
    sign_in(administrator)
    page.goto(f"/admin/engagement/job/{job.pk}/change/")
    page.get_by_text("12%", exact=True).wait_for()
    for viewport in (PHONE, DESK):
        page.set_viewport_size(viewport)
        check_page(page)
    page.locator("#job-cancel").focus()
    tell(job, 570)
    page.get_by_text("57%", exact=True).wait_for()
    assert page.locator("#job-said").inner_text() == "50% done"
    assert page.evaluate("document.activeElement.id") == "job-cancel"
    page.keyboard.press("Enter")
    page.get_by_text("It was cancelled, and nothing of it was kept.").wait_for()
    check_page(page)
    page.goto("/admin/engagement/job/")
    check_page(page)
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("Cancelled:").wait_for()
    assert set(Job.objects.values_list("state", flat=True)) == {"cancelled"}


def test_without_script_a_link_looks_again(
    job: Job, new_page: Callable[..., Any], administrator: Any, client: Any, settings: Any
) -> None:
    page = new_page(viewport=PHONE, script=False)
    client.force_login(administrator)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "domain": "localhost", "path": "/"}]
    )
    page.goto(f"/admin/engagement/job/{job.pk}/change/")
    tell(job, 999)
    page.get_by_role("link", name="Look again").click()
    page.get_by_text("99%", exact=True).wait_for()
    page.get_by_role("button", name="Cancel the job").click()
    page.get_by_text("It was cancelled").wait_for()
