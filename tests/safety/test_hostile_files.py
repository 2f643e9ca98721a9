"""Five hundred hostile files through every door for files: refused in words or rightly taken, never a 500."""

import logging
import tracemalloc
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from engagement import photos, tables
from engagement.models import District, Idea, Photo, Report
from engagement.tables import TableError
from engagement.views import sending
from tests import factories
from tests.prioritisation import scene
from tests.safety.hostile import FORMULAS, MAKERS, Hostile, file

pytestmark = pytest.mark.django_db

COUNT = 500
ROUNDS = 10
MOST_MEMORY = 64 * 1024 * 1024
"""Bytes that reading one file may hold at once, whatever it unpacks to."""


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def part(number: int) -> list[Hostile]:
    """A tenth of the files, so that processes can share them."""
    return [file(index) for index in range(number, COUNT, ROUNDS)]


def upload(one: Hostile) -> SimpleUploadedFile:
    sent = SimpleUploadedFile("x", one.data)
    sent._name = one.name  # as a client may send it, past Django's own tidying
    return sent


def told(*command: str) -> str | None:
    """Runs a command: what it refuses with, or nothing."""
    try:
        call_command(*command, stdout=StringIO())
    except CommandError as refusal:
        return str(refusal)
    return None


def kept() -> set[Path]:
    """What lies in the folders that Winnow writes to, and beside them."""
    return {path for path in Path(settings.VAR).rglob("*") if path.is_file() and "sqlite3" not in path.name}


@pytest.fixture
def clerk_client(clerk: Any) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(clerk)
    return client


def test_there_are_five_hundred_and_of_every_kind() -> None:
    assert 14 * len(MAKERS) < COUNT
    assert all(file(number) == file(number) for number in range(len(MAKERS))), "the same each time"
    assert file(0).data != file(len(MAKERS)).data, "and another one in the next round"


@pytest.mark.parametrize("number", range(ROUNDS))
def test_as_a_file_of_ideas(number: int, clerk_client: Client) -> None:
    call = factories.Call()
    before = kept()
    for one in part(number):
        sent = {"file": upload(one), "call": call.pk, "mapping": "", "language": "en", "state": "received"}
        answer = clerk_client.post("/admin/engagement/idea/import/", sent)
        assert answer.status_code in {200, 302}, (one.kind, one.name, answer.status_code)
        if answer.status_code == 200:
            assert "errornote" in (said := answer.content.decode()) or "errorlist" in said or "alert" in said
    folders = {path.parent.name for path in kept() - before}
    assert folders <= {"uploads", "messages", "broker"}, "the upload, and the call for the worker"
    assert all(len(path.name) < 200 for path in kept() - before)


def test_no_file_makes_reading_it_large() -> None:
    """One of each kind, read whole as a table and as a photo."""
    for one in map(file, range(len(MAKERS))):
        tracemalloc.start()
        with suppress(TableError):
            list(tables.read(BytesIO(one.data), name="x").rows())
        with suppress(photos.PhotoError):
            photos.clean(one.data)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert most < MOST_MEMORY, (one.kind, most)


@pytest.mark.parametrize("number", range(ROUNDS))
def test_by_the_command(number: int, tmp_path: Path) -> None:
    factories.Call(slug="box")
    for index, one in enumerate(part(number)):
        path = tmp_path / f"{index}.csv"
        path.write_bytes(one.data)
        for command, *more in (
            ("import_ideas", "--call", "box", "--dry-run", "--refused", str(tmp_path / "refused")),
            ("import_districts",),
        ):
            refusal = told(command, str(path), *more)
            assert refusal is None or refusal.strip(), (command, one.kind)
    assert not Idea.objects.exists()
    left = {path.name.partition(".")[0] for path in tmp_path.iterdir()} - {"refused"}
    assert left == {str(index) for index in range(len(part(number)))}
    for district in District.objects.all():
        assert district.boundary


@pytest.mark.parametrize("number", range(ROUNDS))
def test_as_a_photo(number: int, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "SENDS_AN_HOUR", 10_000)
    client.raise_request_exception = False
    service = factories.ReportService(code="lamp")
    for one in part(number):
        words = {"description": f"Dark {one.kind}", "address": "12 Elm", "photo_rights": "on"}
        answer = client.post(f"/report/{service.code}/", {**words, "similar_seen": "1", "photo": upload(one)})
        assert answer.status_code in {303, 422}, (one.kind, one.name, answer.status_code)
        if answer.status_code == 422:
            assert f"Dark {one.kind}" in answer.content.decode(), "what was typed is still there"
    taken = Photo.objects.all()
    for photo in taken:
        with photo.file.open("rb") as opened:
            data = opened.read()
        assert data[:2] in {b"\xff\xd8", b"\x89P"}
        assert b"<?php" not in data
        assert b"<script" not in data
    assert Report.objects.count() >= taken.count()


def test_formulas_and_markup_come_out_as_plain_text(client: Client, now: Any) -> None:
    city = scene.make_city(now)
    for idea, formula in zip(city["ideas"], FORMULAS, strict=False):
        idea.title = idea.public_title = f"{formula} <script>alert(1)</script>"
        idea.save()
    scene.publish(city, now)
    page = client.get("/ideas/").content.decode()
    assert "<script>alert" not in page
    exported = b"".join(client.get("/plans/the-plan/export.csv?all=1").streaming_content).decode()
    cells = [cell for line in exported.splitlines() for cell in line.split(",")]
    assert not [cell for cell in cells if cell.strip('"')[:1] in {"=", "+", "@", "\t", "\r"}]
