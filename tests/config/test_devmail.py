"""/dev/mail shows what was written as files, on this machine alone, and only where it was allowed."""

from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMessage, get_connection
from django.test import Client

from config.views import devmail


@pytest.fixture
def mails(settings: Any, tmp_path: Path) -> Path:
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    settings.WINNOW_SHOW_MAIL = True
    folder = get_connection("config.mail.FolderBackend")
    for number in (1, 2):
        message = EmailMessage(
            f"Mail {number} <b>", f"See http://x.example/t/{number}/", to=["a@mail.example"]
        )
        folder.send_messages([message])
    return tmp_path / "mail"


def test_mails_are_listed_newest_first_and_read(client: Client, mails: Path) -> None:
    text = client.get("/dev/mail/").content.decode()
    assert text.index("Mail 2 &lt;b&gt;") < text.index("Mail 1 &lt;b&gt;")
    name = max(mails.glob("*.eml")).stem
    text = client.get(f"/dev/mail/{name}/").content.decode()
    assert '<a href="http://x.example/t/2/"' in text


def test_a_long_list_says_which_it_shows_and_leads_on(
    client: Client, mails: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devmail, "SHOWN", 1)
    first = client.get("/dev/mail/").content.decode()
    assert "Here: 1 to 1, the newest first." in first
    assert "Mail 1 " not in first
    assert "Page 1 of 2" in first
    second = client.get("/dev/mail/?page=2").content.decode()
    assert "Mail 1 &lt;b&gt;" in second
    assert client.get("/dev/mail/?page=x").status_code == 200


@pytest.mark.parametrize(
    "asking",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_FORWARDED": "for=192.0.2.7"},
    ],
)
def test_nobody_else_can_read_them(client: Client, mails: Path, asking: dict[str, str]) -> None:
    assert client.get("/dev/mail/", **asking).status_code == 404


def test_a_city_shows_none(client: Client, mails: Path, settings: Any) -> None:
    settings.WINNOW_SHOW_MAIL = False
    assert client.get("/dev/mail/").status_code == 404


@pytest.mark.parametrize("name", ["..%2Fsecret", "secret", "1e5"])
def test_only_mails_can_be_asked_for(client: Client, mails: Path, name: str) -> None:
    (mails.parent / "secret.eml").write_text("Subject: no\n\nno")
    (mails / "secret.eml").write_text("Subject: no\n\nno")
    assert client.get(f"/dev/mail/{name}/").status_code == 404
