"""Backup, destroy, restore, compare: the demonstration city with its 20,000 problem reports and some photos.

    python -m benchmarks.restore_drill                                          SQLite
    python -m benchmarks.restore_drill postgresql://postgres@127.0.0.1/drill    an empty database

Prints each table's rows before and after, and whether a hash over all of them is equal; sizes and seconds.
"""

import hashlib
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.cities import City

PHOTOS = """
from django.core.files.base import ContentFile
from engagement.models import Idea, Photo
for number, idea in enumerate(Idea.objects.order_by("pk")[:200]):
    picture = (idea.reference.encode() * 3000)[: 20_000 + number]
    Photo.objects.create(idea=idea, file=ContentFile(picture, name="drill.jpg"), width=1, height=1,
                         added_at=timezone.now())
"""


def files(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def destroy(city: City) -> None:
    shutil.rmtree(city.var)
    if city.database.startswith("postgresql"):
        city.load("DROP SCHEMA public CASCADE; CREATE SCHEMA public")


def drill(folder: Path, database: str) -> bool:
    city = City(folder / "var", database, WINNOW_DEMONSTRATION="on")
    city.manage("release")
    city.manage("demonstration", "--if-empty")
    city.python(PHOTOS)
    tables, media = city.tables(), files(city.var / "media")
    keys, backups = folder / "keys" / "winnow.env", folder / "backups"
    writing = timed(lambda: city.manage("backup", str(backups), "--keys", str(keys)))
    (path,) = backups.glob("*.tar.gz")
    destroy(city)
    bringing_back = timed(lambda: city.manage("restore", str(path), "--keys", str(keys)))
    after, media_after = city.tables(), files(city.var / "media")
    print(f"{'table':<50} {'rows':>8} {'after':>8}  equal")
    for name in sorted({*tables, *after}):
        before_rows, after_rows = tables.get(name, ["-"])[0], after.get(name, ["-"])[0]
        same = "yes" if tables.get(name) == after.get(name) else "NO"
        print(f"{name:<50} {before_rows:>8} {after_rows:>8}  {same}")
    total = sum(rows for rows, _hash in tables.values())
    print(f"{len(tables)} tables, {total} rows, {len(media)} files under media/")
    print(f"files equal: {'yes' if media == media_after else 'NO'}")
    print(f"backup {path.stat().st_size / 1e6:.1f} MB in {writing:.1f} s, restore in {bringing_back:.1f} s")
    return tables == after and media == media_after


if __name__ == "__main__":
    place = Path(tempfile.mkdtemp(prefix="winnow-drill-"))
    try:
        well = drill(place, sys.argv[1] if len(sys.argv) > 1 else "")
    finally:
        shutil.rmtree(place, ignore_errors=True)
    print("All is as it was." if well else "Something differs.")
    sys.exit(not well)
