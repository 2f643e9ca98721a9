"""How long 5,375 real proposals take to come in, into SQLite and into PostgreSQL.

    WINNOW_TRIALS=FOLDER .venv/bin/python benchmarks/import_ideas.py [--file FILE] [--language ca]

Runs `manage.py import_ideas` twice on an empty city: the second run has to make nothing. The file is
barcelona-pam2016/proposals-half.csv.gz in the folder that WINNOW_TRIALS names, or the one that is given; a
packed one is unpacked first. Seconds are those of the whole command, those of CPU without PostgreSQL's. Fails
at 20 seconds.
"""

import argparse
import contextlib
import csv
import gzip
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import stack

LIMIT = 20
TRIAL = "barcelona-pam2016/proposals-half.csv.gz"
PREPARE = """
import django
django.setup()
from django.utils import timezone
from engagement.models import Call
Call.objects.create(slug="ideas", title={"en": "Ideas"}, opens_at=timezone.now(), created_at=timezone.now())
"""
COUNT = """
import django
django.setup()
from engagement.models import Idea
print(Idea.objects.count())
"""


@dataclass(frozen=True)
class Run:
    seconds: float
    processor: float
    ideas: int
    megabytes: float


def unpacked(file: Path, folder: Path) -> Path:
    if file.suffix != ".gz":
        return file
    plain = folder / file.stem
    with gzip.open(file) as source, plain.open("wb") as target:
        shutil.copyfileobj(source, target)
    return plain


def python(environ: dict[str, str], code: str) -> str:
    command = [sys.executable, "-c", code]
    environ = environ | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run(command, cwd=stack.ROOT, env=environ, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def run_once(environ: dict[str, str], file: Path, language: str) -> Run:
    """The command, its time and the most memory that it held, as the system tells of its children."""
    command = [
        sys.executable,
        "manage.py",
        "import_ideas",
        str(file),
        "--call",
        "ideas",
        "--language",
        language,
    ]
    began = time.monotonic()
    with subprocess.Popen(command, cwd=stack.ROOT, env=environ, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = process.stdout.read()
        _pid, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    took = time.monotonic() - began
    if process.returncode:
        raise SystemExit(told)
    processor = usage.ru_utime + usage.ru_stime
    return Run(took, processor, int(python(environ, COUNT)), usage.ru_maxrss / 1024)


def records(file: Path) -> int:
    with file.open(encoding="utf-8", newline="") as source:
        return sum(1 for _record in csv.reader(source)) - 1


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    trials = os.environ.get("WINNOW_TRIALS")
    default = Path(trials) / TRIAL if trials else None
    parser.add_argument("--file", type=Path, default=default, help="CSV, may be packed with gzip")
    parser.add_argument("--language", default="ca", help="of the texts")
    parser.add_argument("--server", default=stack.SERVER, help="PostgreSQL on this machine")
    options = parser.parse_args()
    if options.file is None:
        parser.error("say which --file, or set WINNOW_TRIALS")
    with contextlib.ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="winnow-import-")))
        file = unpacked(options.file, folder)
        postgresql = held.enter_context(stack.database(options.server, "winnow_import"))
        urls = {"SQLite": f"sqlite:///{folder / 'winnow.sqlite3'}", "PostgreSQL": postgresql}
        runs = {name: _twice(url, folder, file, options.language) for name, url in urls.items()}
        return 0 if report(runs) else 1


def _twice(url: str, folder: Path, file: Path, language: str) -> tuple[int, Run, Run]:
    environ = stack.environment(folder, url)
    stack.manage(environ, "migrate", "--noinput", "--verbosity", "0")
    python(environ, PREPARE)
    return records(file), run_once(environ, file, language), run_once(environ, file, language)


def report(runs: dict[str, tuple[int, Run, Run]]) -> bool:
    rows, reached = [], True
    for name, (read, first, second) in runs.items():
        again = second.ideas - first.ideas
        reached &= first.seconds < LIMIT and again == 0 and first.ideas == read
        took = [f"{first.seconds:.1f}", LIMIT, f"{first.processor:.1f}", f"{first.megabytes:.0f}"]
        rows.append([name, f"{read:,}", f"{first.ideas:,}", *took, f"{second.seconds:.1f}", again])
    heads = ["database", "records", "ideas", "seconds", "to reach, under", "of CPU", "peak MB"]
    heads += ["again: seconds", "new"]
    stack.table(heads, rows)
    return reached


if __name__ == "__main__":
    sys.exit(main())
