"""An archive whose disk fills up in mid-import, or whose process is killed: never half a file."""

import os
import random
import resource
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from engagement.evidence.archive import _Conversion
from engagement.models import ArchiveFile
from engagement.services import Refused, archive
from tests import factories
from tests.evidence import taking
from tests.evidence.taking import boston, written

ROOT = Path(__file__).parents[2]


def many(folder: Path, reports: int) -> Path:
    path = folder / "many.csv"
    points = ({"LATITUDE": f"42.{n:06}", "LONGITUDE": f"-71.{n:06}"} for n in range(reports))
    path.write_text(written(taking.BOSTON, *(boston(n, **point) for n, point in enumerate(points))))
    return path


@pytest.mark.django_db
@pytest.mark.parametrize("step", ["_read", "_write"])
def test_a_disk_that_fills_up_while_duckdb_writes(
    tmp_path: Path, settings: Any, monkeypatch: Any, step: str
) -> None:
    """A limit on the size of files stands for the disk: DuckDB's write fails just so."""
    settings.VAR = tmp_path / "var"
    path, real = many(tmp_path, 5_000), getattr(_Conversion, step)

    def limited(*given: Any) -> None:
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (8_000, before[1]))
        try:
            real(*given)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    with monkeypatch.context() as patched:
        patched.setattr(_Conversion, step, limited)
        with pytest.raises(Refused, match="The disk is full") as caught:
            archive.import_reports(path=path, name="many", at=factories.NOW)
    assert caught.value.code == "disk_full"
    assert list((tmp_path / "var/archive").iterdir()) == []
    assert not ArchiveFile.objects.exists()
    assert archive.import_reports(path=path, name="many", at=factories.NOW).file.kept == 5_000


def test_killed_at_any_moment_it_leaves_nothing_half_and_then_runs_through(tmp_path: Path) -> None:
    path, var, chance = many(tmp_path, 30_000), tmp_path / "var", random.Random(7)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("WINNOW_", "DATABASE_", "REDIS_"))}
    environment = {**kept, "WINNOW_VAR": str(var), "WINNOW_ENV_FILE": os.devnull}
    environment["DJANGO_SETTINGS_MODULE"] = "config.settings"

    def start(*words: str) -> Any:
        command = [sys.executable, "manage.py", *words]
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=-1, stderr=-1, text=True)

    def visible() -> list[tuple[str, int]]:
        with sqlite3.connect(var / "winnow.sqlite3") as database:
            return database.execute("SELECT sha256, kept FROM engagement_archivefile").fetchall()

    assert start("migrate", "-v0").wait() == 0
    for _turn in range(3):
        import_ = start("import_reports", str(path))
        time.sleep(chance.uniform(0.5, 3.0))  # how far it gets does not matter: whatever it did, it is whole
        import_.kill()
        import_.wait()
        assert all((var / f"archive/{sha256}.parquet").exists() for sha256, _kept in visible())
    assert "kept          30,000" in start("import_reports", str(path)).communicate()[0]
    assert [reports for _sha256, reports in visible()] == [30_000]
