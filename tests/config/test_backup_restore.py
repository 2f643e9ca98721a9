"""Backup, the loss of everything, restore: what was there is there, what was erased since is not."""

import io
import json
import shutil
import tarfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from config.backups import bundle
from tests import cities
from tests.cities import KINDS, City, a_database, migrated
from tests.patience import soon

PREVIOUS = cities.ROOT / "tests" / "previous"

FILL = """
from django.core.files.base import ContentFile
from engagement import services
from engagement.models import Photo
from tests import factories
call = factories.Call()
def send(text):
    draft = services.IdeaDraft(problem=text, language="en", sender=services.Sender(email="o@mail.example"))
    idea = services.submit_idea(call=call, draft=draft, at=timezone.now())
    Photo.objects.create(idea=idea, file=ContentFile(text.encode(), name="p.jpg"), width=1, height=1,
                         added_at=timezone.now())
    return idea.reference
told = [send(text) for text in ("A bench by the pond.", "A lamp for the lane.", "A path to the school.")]
"""
ERASE_THIRD = """
from engagement.models import Idea
services.erase_sender(idea=Idea.objects.get(reference=told[2]), at=timezone.now(), keep_text=False)
"""
ERASE_FIRST = """
from engagement import services
from engagement.models import Idea
services.erase_sender(idea=Idea.objects.get(reference={reference!r}), at=timezone.now(), keep_text=False)
"""

pytestmark = pytest.mark.walk


@pytest.fixture(params=KINDS)
def city(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[City]:
    with a_database(request.param) as url:
        yield migrated(City(tmp_path / "var", url))


def backup_of(city: City, folder: Path, *options: str) -> Path:
    city.manage("backup", str(folder), *options)
    return max(folder.glob("winnow-*.tar.gz"), key=lambda path: path.stat().st_mtime_ns)


def lose(city: City) -> None:
    """The disk with the files is gone; of the database the tables. Only the register was kept elsewhere."""
    register = (city.var / "register/erasures.jsonl").read_text()
    shutil.rmtree(city.var)
    (city.var / "register").mkdir(parents=True)
    (city.var / "register/erasures.jsonl").write_text(register)
    if city.database.startswith("postgresql"):
        city.load("DROP SCHEMA public CASCADE; CREATE SCHEMA public")


def test_all_comes_back_and_what_was_erased_since_is_erased_again(city: City, tmp_path: Path) -> None:
    references = city.python(FILL + ERASE_THIRD)
    (city.var / "uploads" / "waiting.table").write_text("problem\nA tree.\n")
    keys = tmp_path / "elsewhere" / "winnow.env"
    path = backup_of(city, tmp_path / "backups", "--keys", str(keys))
    before = city.tables()
    with tarfile.open(path) as tar:
        names = tar.getnames()
    assert not [name for name in names if name.endswith(".key")]
    secret = keys.read_text().split("WINNOW_LINK_KEY=")[1].strip()
    assert secret.encode() not in b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert (keys.stat().st_mode | path.stat().st_mode) & 0o077 == 0

    # A restore where nothing happened since is the very same city.
    lose(city)
    city.manage("restore", str(path), "--keys", str(keys))
    assert city.tables() == before
    assert sorted(file.read_bytes() for file in (city.var / "media/photos").iterdir()) == [
        b"A bench by the pond.",
        b"A lamp for the lane.",
    ]
    assert (city.var / "uploads/waiting.table").exists()

    # Erased after the backup, lost, restored: erased again, words, sender and photo.
    city.python(ERASE_FIRST.format(reference=references[0]))
    lose(city)
    said = city.manage("restore", str(path), "--keys", str(keys))
    assert "1 erased again, 1 were erased in the backup already" in said
    told = city.python(
        "from engagement.models import Contact, Idea\n"
        "told = [[one.problem, one.public_problem, one.search, one.photos.count()] for one in "
        "Idea.objects.order_by('reference')], Contact.objects.count()"
    )
    (first, second, third), contacts = told
    assert first == third == ["", "", "", 0]
    assert second[0] == "A lamp for the lane."
    assert contacts == 1
    assert [file.read_bytes() for file in (city.var / "media/photos").iterdir()] == [b"A lamp for the lane."]


def test_a_backup_of_the_previous_landing_is_brought_up_to_date(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    old = City(tmp_path / "old")
    old.load((PREVIOUS / "7fd4f85.sqlite.sql").read_text())
    path = backup_of(old, tmp_path / "backups")
    new = City(tmp_path / "new")
    for key in old.var.glob("*.key"):
        shutil.copy(key, new.var)
    said = new.manage("restore", str(path))
    assert "warning" not in said
    assert new.python("from engagement.models import Idea; told = Idea.objects.count()") == 14
    assert new.manage("migrate", "--check") == ""


@pytest.fixture
def small(tmp_path: Path) -> City:
    one = migrated(City(tmp_path / "small"))
    one.python("from tests import factories; factories.Theme()")
    return one


def rewritten(path: Path, key: str, **changes: Any) -> str:
    """The backup with another manifest, sealed with `key`."""
    target = path.with_name(f"changed-{'-'.join(changes)}-{path.name}")
    with tarfile.open(path) as tar, target.open("wb") as out, tarfile.open(fileobj=out, mode="w:gz") as new:
        for info in tar:
            content = tar.extractfile(info)
            assert content is not None
            data = content.read()
            if info.name == bundle.MANIFEST:
                data = text = json.dumps({**json.loads(data), **changes}).encode()
            if info.name == bundle.SEAL:
                data = bundle.seal(text, key).encode()
            info.size = len(data)
            new.addfile(info, io.BytesIO(data))
    return str(target)


def test_each_refusal_has_its_reason_and_changes_nothing(small: City, tmp_path: Path) -> None:
    path = backup_of(small, tmp_path / "backups")
    link_key = (small.var / "winnow_link_key.key").read_text()
    cut = tmp_path / "cut.tar.gz"
    cut.write_bytes(path.read_bytes()[:-200])
    newer = {"engagement": ["0001_initial", "0999_from_the_future"]}
    replace = ["restore", "--replace"]
    cases = {
        "There is a city here already": ["restore", str(path)],
        "no whole backup": [*replace, str(cut)],
        "changed by somebody without the keys": [*replace, rewritten(path, "not the key", city="Elsewhere")],
        "made by a newer Winnow": [*replace, rewritten(path, link_key, migrations=newer)],
        "restore it into one of its own kind": [*replace, rewritten(path, link_key, database="postgresql")],
        "engagement_theme has 1 rows after the restore, the backup had 7": [
            *replace,
            rewritten(path, link_key, counts={"engagement_theme": 7}),
        ],
        "no such file": [*replace, str(tmp_path / "nothing.tar.gz")],
    }
    before = small.tables()
    for wanted, said in zip(cases, small.attempts(*cases.values()), strict=True):
        assert wanted in said
    assert small.tables() == before

    elsewhere = migrated(City(tmp_path / "elsewhere"))
    other = ["restore", str(path)], ["restore", str(path), "--other-keys"]
    said = elsewhere.attempts(*other)
    assert "belongs to other keys" in said[0]
    assert said[1] == ""
    small.python("from engagement import services; services.beat_heart(name='worker', at=timezone.now())")
    refused = small.refused(*replace, str(path))
    assert "Stop web, worker and beat first" in refused
    assert "if you just stopped it, wait a minute" in refused


FAILING = """
from pathlib import Path
from config.backups import restoring
def fail(*_, **__):
    raise OSError(28, "No space left on device")
restoring.call_command = fail
(Path({var!r}) / "media" / "here.txt").write_text("kept")
try:
    restoring.restore_backup(path=Path({path!r}), replace=True, keys_file=None, other_keys=False,
                             tell=lambda text: None)
except OSError as error:
    told = error.strerror
"""


def test_a_restore_that_fails_half_way_leaves_what_was_there(city: City, tmp_path: Path) -> None:
    city.python("from tests import factories; factories.Theme()")
    path = backup_of(city, tmp_path / "backups")
    city.python("from tests import factories; factories.Theme(key='later')")
    before = city.tables()
    assert city.python(FAILING.format(var=str(city.var), path=str(path))) == "No space left on device"
    assert city.tables() == before
    assert (city.var / "media/here.txt").read_text() == "kept"
    assert [file.name for file in city.var.iterdir() if file.name.startswith(".restore")] == []


DISK_FULL = """
import os
from pathlib import Path
from django.core.management import CommandError, call_command
from config.backups import bundle
def full(*_):
    raise OSError(28, "No space left on device")
bundle.verify = full
try:
    call_command("backup", {folder!r})
except CommandError as error:
    told = str(error)
"""


def test_a_backup_that_fails_leaves_no_file_and_keeps_the_older_ones(small: City, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    path = backup_of(small, folder)
    said = small.python(DISK_FULL.format(folder=str(folder)))
    assert said == f"No backup was written: No space left on device ({folder})."
    assert [one.name for one in folder.iterdir()] == [path.name]
    keep = ["backup", str(folder), "--keep", "2"]
    said = small.attempts(
        keep, [*keep, "--no-verify"], ["backup", str(folder), "--keys", str(folder / "keys")]
    )
    assert said[:2] == ["", ""]
    assert "apart from the backups" in said[2]
    assert path not in set(folder.iterdir())


ERASED_MEANWHILE = """
from pathlib import Path
from config.backups import databases, making
from engagement import services
from engagement.models import Idea
take = databases.take
def take_and_erase(folder):
    snapshot = take(folder)
    services.erase_sender(idea=Idea.objects.first(), at=timezone.now(), keep_text=False)
    Path({var!r}, "media", Idea.objects.last().photos.get().file.name).unlink()
    return snapshot
databases.take = take_and_erase
made = making.make_backup(folder=Path({folder!r}), at=timezone.now(), verify=True, tell=lambda text: None)
told = [made.missing, Idea.objects.last().photos.get().file.name]
"""


def test_a_photo_erased_meanwhile_is_not_missing_and_a_lost_one_is(small: City, tmp_path: Path) -> None:
    backups = tmp_path / "backups"
    missing, lost = small.python(FILL + ERASED_MEANWHILE.format(var=str(small.var), folder=str(backups)))
    assert missing == [lost]


BUSY = (
    FILL.partition("told =")[0]
    + """
import pathlib
stop = pathlib.Path({stop!r})
told = 0
while not stop.exists():
    send(f"A bench, number {{told}}.")
    told += 1
"""
)


def test_a_backup_of_a_busy_city_is_of_one_moment(city: City, tmp_path: Path) -> None:
    """Rows and photos are added all the while: restored, every row's photo is there, and no row is half."""
    stop = tmp_path / "stop"
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(city.python, BUSY.format(stop=str(stop)))
        try:
            assert soon(lambda: len(list((city.var / "media/photos").glob("*"))) > 10)
            path = backup_of(city, tmp_path / "backups")
        finally:
            stop.touch()
        sent = sending.result()
    with a_database("sqlite" if city.database.startswith("sqlite") else "postgresql") as url:
        other = City(tmp_path / "other", url)
        shutil.copy(city.var / "winnow_link_key.key", other.var)
        other.manage("restore", str(path))
        ideas, events, photos, lost = other.python(
            """
            from engagement.models import Event, Idea, Photo
            photos = [photo.file for photo in Photo.objects.all()]
            told = [Idea.objects.count(), Event.objects.count(), len(photos),
                    [file.name for file in photos if not file.storage.exists(file.name)]]
            """
        )
    assert lost == []
    assert 10 < photos <= ideas == events <= sent
    assert ideas - photos <= 1  # one was just being sent
