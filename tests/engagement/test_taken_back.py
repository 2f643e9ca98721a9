"""What an idea that was taken back leaves behind, in every store, and that it does not come back."""

import importlib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.files.base import ContentFile
from django.utils import timezone

from engagement import links, services
from engagement.models import Erasure, Flag, Idea, IdeaRevision, Note, Photo, Removal, Report, Translation
from tests import factories
from tests.engagement.test_persons import person_of

pytestmark = pytest.mark.django_db

SAID = "zebrawort"
"""A word that stands in everything its sender said, and nowhere else."""
MONTH = timedelta(days=31)


@pytest.fixture(autouse=True)
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "VAR", tmp_path)
    services.forget_similar()
    return tmp_path


@pytest.fixture
def idea(now: datetime) -> Idea:
    """A public idea of which every store has something."""
    said = {name: f"{SAID} {name}" for name in ("title", "problem", "proposal")}
    made: Idea = factories.Idea(
        state="published",
        published_at=now,
        contact=factories.Contact(),
        **said,
        **{f"public_{name}": text for name, text in said.items()},
        search=f" {SAID} title problem proposal",
        answers={"why": SAID},
        confidential_answers={"who": SAID},
        address=f"{SAID} street",
        latitude=45.5,
        longitude=-73.6,
    )
    made.call.questions = [{"key": "why", "label": {"en": "Why"}}]
    made.call.save()
    Photo.objects.create(
        idea=made, file=ContentFile(b"picture", name="p.jpg"), caption=SAID, width=1, height=1, added_at=now
    )
    Translation.objects.create(
        idea=made, language="fr", title=f"{SAID} titre", problem=SAID, made_at=now, made_by=factories.User()
    )
    IdeaRevision.objects.create(idea=made, number=1, title=SAID, problem=SAID, replaced_at=now)
    factories.note(made, now, state="published", text=f"{SAID} is right", public_text=f"{SAID} is right")
    return made


def places(idea: Idea) -> list[str]:
    """Every public way to read an idea."""
    meeting_free = ["/ideas/", "/fr/ideas/", "/", "/ideas/feed/", "/ideas/map/"]
    return [
        *meeting_free,
        f"/ideas/{idea.reference}/",
        f"/fr/ideas/{idea.reference}/",
        "/ideas/map.geojson?box=-74,45,-73,46",
        "/api/v1/ideas",
        f"/api/v1/ideas?q={SAID}",
        f"/calls/{idea.call.slug}/",
        f"/calls/{idea.call.slug}/similar/",
    ]


def read(client: Any, path: str) -> str:
    if path.endswith("/similar/"):
        answer = client.post(path, {"problem": f"{SAID} problem, and more"})
    else:
        answer = client.get(path)
    assert answer.status_code == 200, path
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    for asked in (f"?q={SAID}", f"q={SAID}", f'value="{SAID}"', f"“{SAID}”", f"« {SAID} »"):
        body = body.replace(asked.encode(), b"")
    return str(body.decode())


def test_nobody_reads_it_anywhere_from_that_moment(client: Any, idea: Idea, now: datetime) -> None:
    services.refresh_similar()
    shown = [path for path in places(idea) if SAID in read(client, path)]
    assert {"/ideas/", "/ideas/feed/", "/api/v1/ideas", f"/ideas/{idea.reference}/"} <= set(shown)
    assert any("?box" in path for path in shown)
    photo = idea.photos.get()
    assert client.get(f"/photos/{photo.pk}/").status_code == 200
    services.withdraw_idea(idea=idea, at=now)
    assert [path for path in places(idea) if SAID in read(client, path)] == []
    assert client.get(f"/photos/{photo.pk}/").status_code == 404
    assert client.get(f"/api/v1/ideas/{idea.reference}").status_code == 404
    assert SAID not in read(client, links.tracking_path(idea))
    assert client.get(f"{links.tracking_path(idea)}photos/{photo.pk}/").status_code in {200, 404}
    assert services.similar_ideas(text=f"{SAID} problem", among=Idea.objects.public().readable()) == []
    assert services.refresh_similar() == 1, "the index lets go of it"
    assert not list(Idea.objects.public().matching(SAID))
    assert not Translation.objects.exists()


def test_it_is_in_the_register_and_the_register_says_nothing_of_it(
    idea: Idea, now: datetime, django_capture_on_commit_callbacks: Any
) -> None:
    report = factories.Report()
    with django_capture_on_commit_callbacks(execute=True):
        services.withdraw_idea(idea=idea, at=now)
        services.withdraw_report(report=report, at=now)
    assert set(Erasure.objects.values_list("reference", "what", "at")) == {
        (idea.reference, "withdrawn", now),
        (report.reference, "withdrawn", now),
    }
    assert {one.what for one in services.read_register()} == {"withdrawn"}
    assert services.missing_from_file() == []


def test_after_a_restore_it_is_taken_back_again(idea: Idea, now: datetime) -> None:
    """The backup is older: there the idea is public, and the register has the line."""
    report = factories.Report()
    at = now + timedelta(days=1)
    entries = [
        services.register.Entry(at=at, reference=one.reference, what="withdrawn", received_at=one.received_at)
        for one in (idea, report)
    ]
    told = services.replay_erasures(entries=entries)
    assert told.erased == [idea.reference, report.reference]
    assert (Idea.objects.get().state, Report.objects.get().state) == ("withdrawn", "withdrawn")
    assert Idea.objects.get().contact is not None, "it was taken back, not erased"
    assert len(services.replay_erasures(entries=entries).already) == 2
    Erasure.objects.all().delete()
    assert len(services.replay_erasures(entries=entries).already) == 2, "nothing is taken back twice"


def everything_kept() -> str:
    """All that the database still holds of it, as text."""
    idea = Idea.objects.get()
    rows = [
        *(getattr(idea, field.attname) for field in Idea._meta.concrete_fields),
        *IdeaRevision.objects.values_list("title", "problem"),
        *Translation.objects.values_list("title", "problem"),
        *Photo.objects.values_list("caption"),
        *Note.objects.values_list("text", "public_text"),
        *Flag.objects.values_list("detail"),
        *idea.events.values_list("text", "note", "before"),
        *idea.appeals.values_list("text"),
        *Removal.objects.values_list("kind", "count"),
        *Erasure.objects.values_list("reference", "what"),
    ]
    return repr(rows)


def test_its_time_ends_and_then_no_store_has_a_word_of_it(
    idea: Idea, now: datetime, var: Path, django_capture_on_commit_callbacks: Any
) -> None:
    services.refresh_similar()
    file = idea.photos.get().file
    services.withdraw_idea(idea=idea, at=now)
    services.purge_expired(at=now + timedelta(days=29))
    assert SAID in everything_kept(), "until then it can be looked at by a court"
    with django_capture_on_commit_callbacks(execute=True):
        services.purge_expired(at=now + MONTH)
    assert SAID not in everything_kept()
    assert not file.storage.exists(file.name)
    kept = {one.kind: one.count for one in Removal.objects.all()}
    assert (kept["withdrawn-idea"], kept["note-of-withdrawn"]) == (1, 1)
    services.refresh_similar()
    assert [
        path for path in var.rglob("*") if path.is_file() and SAID[:6].encode() in path.read_bytes()
    ] == []
    again = services.purge_expired(at=now + 2 * MONTH)
    assert {one.keeping.kind: one.count for one in again}["withdrawn-idea"] == 0


def test_erasing_without_consent_leaves_nothing_at_once(idea: Idea, client: Any, now: datetime) -> None:
    services.erase_sender(idea=idea, at=now, keep_text=False)
    Note.objects.all().delete()  # other people's words, which their own rule ends
    assert SAID not in everything_kept()
    assert [path for path in places(idea) if SAID in read(client, path)] == []
    assert set(Erasure.objects.values_list("what", flat=True)) == {"all"}


def test_erasing_with_consent_keeps_what_is_public_and_nothing_else(idea: Idea, now: datetime) -> None:
    Idea.objects.update(problem=f"{SAID} call 514 555 0134", public_problem=f"{SAID} call [phone]")
    idea.refresh_from_db()
    services.erase_sender(idea=idea, at=now, keep_text=True)
    idea.refresh_from_db()
    assert (idea.problem, idea.contact) == (f"{SAID} call [phone]", None)
    assert not IdeaRevision.objects.exists()
    assert Translation.objects.exists()
    assert SAID in idea.search


def test_notes_on_an_idea_that_stands_stay(idea: Idea, now: datetime) -> None:
    services.purge_expired(at=now + 2 * MONTH)
    assert Note.objects.count() == 1


def test_a_part_that_was_taken_back_is_still_opened_from_its_letter(client: Any, now: datetime) -> None:
    letter = factories.Idea(state="split")
    part = factories.Idea(state="published", split_from=letter)
    services.withdraw_idea(idea=part, at=now)
    assert links.tracking_token(part) in client.get(links.tracking_path(letter)).content.decode()


def test_who_gets_a_copy_of_all_of_theirs_reads_that_it_was_taken_back(idea: Idea, now: datetime) -> None:
    person = person_of()
    assert idea.contact is not None
    idea.contact.email = person.email
    idea.contact.save()
    services.withdraw_idea(idea=idea, at=now)
    sent = services.everything_about(person)["sent"]
    assert sent[0]["state"] == "withdrawn"
    services.purge_expired(at=timezone.now() + MONTH)
    assert SAID not in repr(services.everything_about(person)["sent"])


def test_the_search_of_earlier_imports_is_made_anew_without_what_is_masked() -> None:
    migration = importlib.import_module("engagement.migrations.0014_taken_back_and_blacked_out")
    leaky = factories.Idea(
        channel="import",
        title="T",
        public_title="T",
        problem="514 555 0134",
        public_problem="[phone]",
        search=" 514 555",
    )
    Translation.objects.create(
        idea=leaky, language="fr", title="Été", problem="P", made_at=factories.NOW, made_by=factories.User()
    )
    plain = factories.Idea(channel="import", search=" as it was")
    migration.only_masked_words_are_searched(apps, None)
    leaky.refresh_from_db()
    plain.refresh_from_db()
    assert (leaky.search, plain.search) == (
        f" {leaky.reference.replace('-', ' ')} t phone ete p",
        " as it was",
    )
