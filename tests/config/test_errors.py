"""A page that fails says whether trying again helps, in the reader's language, and nothing of itself."""

from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

CURSOR = "django.db.backends.base.base.BaseDatabaseWrapper.cursor"


def failing(error: Exception) -> Any:
    def view(*_: Any, **__: Any) -> Any:
        raise error

    return view


@pytest.fixture
def client(settings: Any) -> Client:
    settings.DEBUG = False
    return Client(raise_request_exception=False)


@pytest.mark.parametrize(
    ("path", "words"),
    [("/ideas/", "We cannot reach our records"), ("/fr/ideas/", "Nous ne pouvons pas joindre nos dossiers")],
)
def test_without_a_database_a_page_says_to_try_again(
    client: Client, monkeypatch: pytest.MonkeyPatch, path: str, words: str
) -> None:
    away = failing(OperationalError("connection to server at 10.0.0.7 failed: user winnow"))
    monkeypatch.setattr(CURSOR, away)
    answer = client.get(path)
    assert answer.status_code == 503
    assert answer["Retry-After"] == "30"
    assert answer["Cache-Control"] == "no-store"
    assert words in answer.content.decode()
    assert "winnow" not in answer.content.decode()
    assert "Content-Security-Policy" in answer


def test_the_api_says_it_in_json(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CURSOR, failing(OperationalError("away")))
    answer = client.get("/api/v1/ideas")
    assert (answer.status_code, answer.json()) == (
        503,
        {"detail": "The database is away. Try again in a minute."},
    )


def test_a_fault_of_ours_stays_500(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engagement.views.ideas.render", failing(ValueError("secret")))
    monkeypatch.setattr(CURSOR, failing(ZeroDivisionError("secret")))
    answer = client.get("/fr/ideas/")
    assert answer.status_code == 500
    assert "Quelque chose n’a pas fonctionné" in answer.content.decode()
    assert "secret" not in answer.content.decode()
