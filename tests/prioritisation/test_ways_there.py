"""Where pages lead: no crumb to a page that is refused, and the other language before signing in too."""

import re
from datetime import datetime

import pytest
from django.test import Client

from tests import factories, panels
from tests.staff_pages import signed_in

pytestmark = pytest.mark.django_db


def crumbs(said: str) -> list[str]:
    found = re.search(r'<div class="breadcrumbs">(.*?)</div>', said, re.DOTALL)
    assert found is not None
    return re.findall(r'href="([^"]+)"', found[1])


def test_a_departments_crumbs_lead_nowhere_it_is_refused(now: datetime) -> None:
    panel = panels.make(now)
    panel.work_up(1, summary={"en": "Two ploughs more", "fr": "Deux charrues de plus"})
    initiative = panel.initiatives[0]
    clerk = factories.staff("clerk")
    clerk.department = initiative.owner
    clerk.save()
    client = signed_in(clerk)
    for page in ("replies/", "facts/", f"facts/{initiative.reference}/"):
        said = client.get(f"/admin/prioritisation/{page}").content.decode()
        assert crumbs(said)
        for address in crumbs(said):
            assert client.get(address).status_code == 200, (page, address)
    # Who may read rounds still gets there.
    panel.analyst.department = initiative.owner
    panel.analyst.save()
    said = signed_in(panel.analyst).get("/admin/prioritisation/replies/").content.decode()
    assert "/admin/prioritisation/round/" in crumbs(said)


def test_facts_are_read_beside_what_would_be_done(now: datetime) -> None:
    panel = panels.make(now)
    panel.work_up(1, summary={"en": "Two ploughs more", "fr": "Deux charrues de plus"})
    initiative = panel.initiatives[0]
    panel.manager.department = initiative.owner
    panel.manager.save()
    client = signed_in(panel.manager)
    for page in ("facts/", f"facts/{initiative.reference}/"):
        assert "Two ploughs more" in client.get(f"/admin/prioritisation/{page}").content.decode()
    assert "Need 0" in client.get(f"/admin/prioritisation/facts/{initiative.reference}/").content.decode()


@pytest.mark.parametrize(
    ("onward", "then"),
    [
        ("/admin/prioritisation/facts/", "/fr/admin/prioritisation/facts/"),
        ("//elsewhere.example/", "//elsewhere.example/"),
        ("https://elsewhere.example/", "https%3A//elsewhere.example/"),
    ],
)
def test_the_sign_in_page_leads_to_the_other_language_and_stays_there(
    client: Client, onward: str, then: str
) -> None:
    said = client.get("/admin/login/", {"next": onward}).content.decode()
    assert f'href="/fr/admin/login/?next={then}" lang="fr"' in said
    french = client.get("/fr/admin/login/").content.decode()
    assert 'href="/admin/login/" lang="en"' in french
