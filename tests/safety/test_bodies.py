"""Bodies of requests that no form of ours sends: too large, too many fields, broken parts, odd encodings."""

from typing import Any
from urllib.parse import quote

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from engagement.models import Idea
from tests import factories

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=x"
HEAD = b'--x\r\nContent-Disposition: form-data; name="'

BODIES: dict[str, tuple[bytes, str]] = {
    "three million characters": (b"problem=" + b"a" * 3_000_000, FORM),
    "too many fields": (b"&".join(b"f%d=1" % n for n in range(3_000)), FORM),
    "too many files": (
        b"".join(HEAD + b'f%d"; filename="a"\r\n\r\nx\r\n' % n for n in range(300)) + b"--x--",
        PARTS,
    ),
    "no end": (HEAD + b'problem"\r\n\r\nDark', PARTS),
    "no boundary": (b"problem=x", "multipart/form-data"),
    "a boundary that is none": (b"x", "multipart/form-data; boundary=" + "\x00" * 9),
    "endless header of a part": (HEAD + b"a" * 200_000, PARTS),
    "broken base64": (
        HEAD + b'problem"\r\nContent-Transfer-Encoding: base64\r\n\r\n%%%\r\n--x--',
        PARTS,
    ),
    "not UTF-8": (b"problem=%ff%fe%00&place=whole_city", FORM),
    "an unknown encoding": (b"problem=x", FORM + "; charset=no-such-thing"),
    "UTF-16": ("problem=x".encode("utf-16"), FORM + "; charset=utf-16"),
    "JSON": (b'{"problem": "x"}', "application/json"),
    "nothing at all": (b"", ""),
    "NUL in a text": (b"problem=a%00b&place=whole_city", FORM),
    "half a surrogate": (b"problem=%ed%a0%80&place=whole_city", FORM),
}


@pytest.mark.parametrize("language", ["", "/fr"])
@pytest.mark.parametrize("name", BODIES)
def test_odd_bodies_are_refused_in_a_page(name: str, language: str) -> None:
    factories.Call(slug="box")
    client = Client(raise_request_exception=False)
    body, kind = BODIES[name]
    answer: Any = client.generic("POST", f"{language}/calls/box/send/", body, content_type=kind)
    assert 300 <= answer.status_code < 500, (name, answer.status_code)
    assert answer.status_code == 303 or not Idea.objects.exists()
    assert "Traceback" not in answer.content.decode(errors="replace")


@pytest.mark.parametrize(
    "value", ["\x00", "a" * 9000, "-1", "9" * 400, "' OR 1=1--", "%", "_", "../", "\ud800"]
)
@pytest.mark.parametrize(
    "path",
    [
        "/ideas/?q={}",
        "/ideas/?page={}",
        "/ideas/?call={}&theme={}&district={}&state={}",
        "/report/?q={}",
        "/track/?reference={}",
        "/api/v1/ideas?q={}",
        "/api/v1/ideas?received_after={}",
        "/open311/v2/requests.json?service_request_id={}&extensions={}",
        "/open311/v2/requests.xml?service_code={}",
        "/open311/v2/requests.xml?page_size={}&page={}",
        "/open311/v2/requests.json?start_date={}",
        "/open311/v2/services/{}.xml",
        "/open311/v2/{}",
        "/plans/{}/",
        "/ideas/{}/",
        "/t/{}/x/",
        "/photos/{}/",
    ],
)
def test_odd_addresses_are_answered(client: Client, path: str, value: str) -> None:
    client.raise_request_exception = False
    written = quote(value, safe="", errors="surrogatepass")
    answer = client.get(path.replace("{}", written))
    assert answer.status_code in {200, 400, 404}, answer.status_code


def test_no_list_of_the_admin_asks_the_database_for_a_nul(client: Client, db: None) -> None:
    """PostgreSQL refuses it while the list is read, too late for Django to say so."""
    client.force_login(factories.staff("root", superuser=True))
    lists = [model._meta for model in admin.site._registry]
    for one in lists:
        address = reverse(f"admin:{one.app_label}_{one.model_name}_changelist")
        answer = client.get(address, {"q": "a\0b"})
        assert (answer.status_code, answer["Location"]) == (302, f"{address}?e=1"), one
    factories.Idea()
    handed_out = client.post(reverse("admin:engagement_idea_next"), {"filters": "state=%00"})
    assert handed_out.status_code == 302
    assert not Idea.objects.filter(claimed_by__isnull=False).exists()
