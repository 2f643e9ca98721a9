"""How long an export of ideas takes, and how much memory: `python benchmarks/export_ideas.py [--most 20000]`.

Makes a city of its own in a temporary folder (or on DATABASE_URL, an empty database), with ideas as long as
real ones. Each line is a process of its own that writes one file as the worker does; memory is what the
process held at most while it wrote (Linux), and how much that is beyond what it held before. Flat means: the
same at 2,000 and at 20,000 ideas. CPU counts this process alone: others on the machine make it wait.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SECONDS_TO_REACH = 6
SENTENCES = (
    "The bus stop at the corner has no shelter, and people wait in the rain.",
    "Les enfants traversent sans signal devant l’école, et les autos roulent vite.",
    "In winter the path along the canal is dark from four in the afternoon.",
    "Il manque d’ombre sur la place; l’été, personne ne s’y assoit.",
    "A bench every two hundred metres would let older people walk to the market.",
    "On pourrait planter des arbres et poser des bancs avec l’aide des voisins.",
)


def fill(count: int) -> None:
    """Ideas that are all public, with themes, places and answers. Fixed seed."""
    from datetime import timedelta

    from django.utils import timezone

    from engagement.models import Call, District, Idea, Theme

    draw = random.Random(7)
    now = timezone.now()
    call = Call.objects.create(
        slug="benchmark", title={"en": "Ideas"}, opens_at=now - timedelta(days=400), created_at=now
    )
    themes = [Theme.objects.create(key=f"theme-{n}", label={"en": f"Theme {n}"}) for n in range(8)]
    districts = [District.objects.create(code=f"d{n}", name={"en": f"District {n}"}) for n in range(12)]
    through = Idea.themes.through
    for start in range(0, count, 1000):
        ideas = Idea.objects.bulk_create(
            _idea(number, draw, call, districts, now) for number in range(start, min(count, start + 1000))
        )
        through.objects.bulk_create(
            through(idea_id=idea.pk, theme_id=theme.pk)
            for idea in ideas
            for theme in draw.sample(themes, draw.randint(1, 3))
        )


def _idea(number, draw, call, districts, now):
    from datetime import timedelta

    from engagement.models import Idea

    problem = " ".join(draw.choices(SENTENCES, k=draw.randint(3, 12)))
    proposal = " ".join(draw.choices(SENTENCES, k=draw.randint(1, 5)))
    title = draw.choice(SENTENCES)[:80]
    received = now - timedelta(minutes=number)
    return Idea(
        reference=f"2026-{number:05d}",
        call=call,
        language=draw.choice(("en", "fr")),
        state="published",
        title=title,
        problem=problem,
        proposal=proposal,
        public_title=title,
        public_problem=problem,
        public_proposal=proposal,
        answers={"who": "everybody who waits there"},
        district=draw.choice(districts),
        address="12 Example Street",
        latitude=45 + draw.random(),
        longitude=-73 - draw.random(),
        received_at=received,
        changed_at=received,
        published_at=received,
        nonce=f"{number:032x}",
    )


def one(kind: str, count: int) -> None:
    """Writes one file and prints what it took, as JSON."""
    from django.utils import timezone

    from engagement import exports
    from engagement.models import Idea

    keys = list(Idea.objects.order_by("pk").values_list("pk", flat=True)[:count])
    with tempfile.TemporaryFile() as file:
        # What every export loads once, however long it is.
        exports.write(file, exports.IDEAS, kind, keys=keys[:5], by=None, at=timezone.now())
        file.truncate(0)
        file.seek(0)
        Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here on
        before, began, busy = _peak(), time.perf_counter(), time.process_time()
        written = exports.write(file, exports.IDEAS, kind, keys=keys, by=None, at=timezone.now())
        seconds, cpu = time.perf_counter() - began, time.process_time() - busy
        size = file.seek(0, os.SEEK_END)
    assert written.rows == count
    peak = _peak()
    print(json.dumps({"seconds": seconds, "cpu": cpu, "grown": peak - before, "peak": peak, "bytes": size}))


def _peak() -> int:
    """The most memory that this process held, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=20_000, help="ideas (20000)")
    parser.add_argument("--formats", default="xlsx,csv,json,geojson")
    parser.add_argument("--one", nargs=2, metavar=("FORMAT", "COUNT"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    if options.one:
        setup()
        one(options.one[0], int(options.one[1]))
        return
    with tempfile.TemporaryDirectory() as folder:
        os.environ["WINNOW_VAR"] = folder
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/benchmark.sqlite3")
        setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        fill(options.most)
        _table(options)


HEADS = ("format", "ideas", "seconds", "CPU", "grown MB", "peak MB", "file MB")


def _table(options: argparse.Namespace) -> None:
    print("".join(f"{head:>10}" for head in HEADS))
    for kind in options.formats.split(","):
        for count in (min(2_000, options.most), options.most):
            command = [sys.executable, __file__, "--one", kind, str(count)]
            told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            times = f"{told['seconds']:>10.2f}{told['cpu']:>10.2f}"
            sizes = "".join(f"{told[name] / 2**20:>10.1f}" for name in ("grown", "peak", "bytes"))
            print(f"{kind:>10}{count:>10,}{times}{sizes}", flush=True)
    print(f"To reach: XLSX of 20,000 ideas under {SECONDS_TO_REACH} s, the memory the same at both counts.")


def setup() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ["WINNOW_ENV_FILE"] = os.devnull
    import django

    django.setup()


if __name__ == "__main__":
    main()
