"""Bringing past reports in, beside DuckDB's bare reading and writing of the same file.

    WINNOW_TRIALS=folder python benchmarks/import_reports.py [rows ...]

Boston's first half of 2015 is repeated to 20,000, 200,000 and 2,000,000 rows, each with a number of its own.
Each run is a process of its own; ours and the bare one take turns. Memory is the most that a process ever
held (VmHWM). To reach: at least half the bare speed, and memory that does not grow with the file. Questions
over 2,000,000 reports are timed at the end.
"""

import csv
import gzip
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SIZES = (20_000, 200_000, 2_000_000)
TURNS = 3
BARE = """COPY (SELECT * FROM read_csv('{path}', all_varchar = true)) TO '{target}' (FORMAT parquet)"""


def main(sizes: tuple[int, ...]) -> None:
    trials = os.environ.get("WINNOW_TRIALS")
    if not trials:
        sys.exit("needs the folder of real files that WINNOW_TRIALS names")
    source = Path(trials) / "boston311/boston311-2015-h1.csv.gz"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print("     rows    MB  bare rows/s  ours rows/s  ours/bare  bare MB  ours MB")
        for rows in sizes:
            path = folder / f"{rows}.csv"
            repeat(source, path, rows)
            measure(path, rows, folder)
        ask(folder)


def repeat(source: Path, target: Path, rows: int) -> None:
    """A file of `rows` records: the source again and again, the number of the round before each number."""
    with gzip.open(source, "rt", newline="") as text:
        head, *records = csv.reader(text)
    with target.open("w", newline="") as text:
        out = csv.writer(text, lineterminator="\n")
        out.writerow(head)
        out.writerows(_numbered(records, rows))


def _numbered(records: list[list[str]], rows: int) -> Iterator[list[str]]:
    for number in range(rows):
        turn, place = divmod(number, len(records))
        yield [f"{turn}-{records[place][0]}", *records[place][1:]]


def measure(path: Path, rows: int, folder: Path) -> None:
    bare, ours = [], []
    for _turn in range(TURNS):
        bare.append(child("bare", path, folder))
        ours.append(child("ours", path, folder))
        if ours[-1]["kept"] != rows:
            sys.exit(f"{ours[-1]['kept']} of {rows} rows kept")
    slow, fast = (rows / statistics.median(one["seconds"] for one in runs) for runs in (bare, ours))
    held = [max(one["held"] for one in runs) for runs in (bare, ours)]
    speeds = f"{slow:>11,.0f}  {fast:>11,.0f}  {fast / slow:>9.2f}"
    size = path.stat().st_size / 1e6
    print(f"{rows:>9,}  {size:>4.0f}  {speeds}  {held[0]:>7.0f}  {held[1]:>7.0f}", flush=True)


def child(what: str, path: Path, folder: Path) -> Any:
    place = {"WINNOW_VAR": str(folder / "var"), "WINNOW_ENV_FILE": os.devnull, "PYTHONPATH": str(Path.cwd())}
    command = [sys.executable, __file__, what, str(path)]
    done = subprocess.run(command, env=os.environ | place, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def bare(path: Path) -> dict[str, Any]:
    import duckdb

    started = time.perf_counter()
    target = path.with_suffix(".parquet")
    duckdb.sql(BARE.format(path=path, target=target))
    seconds = time.perf_counter() - started
    target.unlink()
    return {"seconds": seconds}


def ours(path: Path) -> dict[str, Any]:
    """With all that belongs to it: fingerprint, checks, districts of Boston's neighbourhoods, manifest."""
    services = _ready()
    from django.utils import timezone

    from engagement.models import ArchiveFile

    ArchiveFile.objects.all().delete()
    started = time.perf_counter()
    imported = services.import_reports(path=path, name=path.name, at=timezone.now())
    return {"seconds": time.perf_counter() - started, "kept": imported.file.kept}


def ask(folder: Path) -> None:
    for name, seconds in child("question", folder, folder).items():
        if name != "held":
            print(f"{name}: {seconds * 1000:.0f} ms")


def question(_path: Path) -> dict[str, Any]:
    """Median of five: one service in one district, the ten most frequent in the whole city, the list."""
    from datetime import date

    services = _ready()
    most = [one.name for one in services.report_services(limit=10)]
    days = {"first": date(2015, 1, 1), "last": date(2015, 6, 30)}
    asked = {
        "figures of one service in one district": lambda: services.report_figures(
            services=most[:1], districts=["0"], **days
        ),
        "figures of ten services, whole city": lambda: services.report_figures(
            services=most, districts=None, **days
        ),
        "list of services": services.report_services,
    }
    return {name: statistics.median(_seconds(ask) for _turn in range(5)) for name, ask in asked.items()}


def _seconds(function: Any) -> float:
    started = time.perf_counter()
    function()
    return time.perf_counter() - started


def _ready() -> Any:
    """Winnow on a database of its own, with Boston's neighbourhoods as districts."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django
    from django.core.management import call_command

    django.setup()
    from engagement.models import District
    from engagement.services import archive

    call_command("migrate", verbosity=0)
    if not District.objects.exists():
        found = next(Path(os.environ["WINNOW_TRIALS"]).glob("geometry/*oston*"))
        for number, feature in enumerate(json.loads(found.read_text())["features"]):
            name = {"en": str(feature["properties"])[:100]}
            District.objects.create(code=str(number), name=name, boundary=feature["geometry"])
    return archive


def held() -> float:
    """The most memory this process ever held, in MB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    if sys.argv[1:2] in (["bare"], ["ours"], ["question"]):
        result = {"bare": bare, "ours": ours, "question": question}[sys.argv[1]](Path(sys.argv[2]))
        print(json.dumps({**result, "held": held()}))
    else:
        main(tuple(map(int, sys.argv[1:])) or SIZES)
