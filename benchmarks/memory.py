"""How much memory a city's processes take: web with two workers, worker, timetable.

    .venv/bin/python benchmarks/memory.py [--requests 200] [--ideas 2000]

Starts the commands of docker-compose.yml as processes, lets visitors read and send,
lets the worker send the mails and do an import, and adds up what each process accounts for: its own memory,
and its share of what it has in common with others. Redis and PostgreSQL are not counted. Fails at 400 MB.
"""

import argparse
import http.client
import random
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import psycopg

from benchmarks import stack
from benchmarks.ideas import OPEN_CALL, SEED
from benchmarks.visits import FORM_SECONDS, Form, Request, expect, some_address

LIMIT = 400
SENT = 10  # one request in so many sends an idea
MEGABYTE = 1024 * 1024
PAGES = (
    "/",
    "/ideas/",
    "/ideas/?q=bus",
    "/ideas/?theme=mobility",
    "/calls/",
    "/plans/",
    "/about/",
    "/report/",
)
FILES = ("/api/v1/ideas", "/districts.geojson", "/city.css", "/admin/login/")


def visit(city: stack.City, number: int) -> None:
    """Requests as a day brings them: lists, filters, ideas, other pages, the API, and some ideas sent."""
    draw = random.Random(SEED)
    connection = http.client.HTTPConnection("127.0.0.1", city.port, timeout=30)
    form = Form(connection, f"/calls/{OPEN_CALL}/send/")
    time.sleep(FORM_SECONDS)
    with psycopg.connect(city.url) as database:
        rows = database.execute("SELECT reference FROM engagement_idea WHERE state = 'published'").fetchall()
    for one in range(number):
        if one % 5 == 0:
            connection.close()  # the next visitor, who may come to the other worker
        if one % SENT == 0:
            words = f"Send {one}: the bus stop has no shelter."
            expect(connection, form.idea(some_address(draw), words, f"sender-{one}@mail.example"))
        elif one % 3 == 0:
            expect(connection, Request(f"/ideas/{draw.choice(rows)[0]}/"))
        else:
            expect(connection, Request(draw.choice(("", "/fr")) + draw.choice(PAGES)))
        if one % 10 == 5:
            expect(connection, Request(draw.choice(FILES)))


def queue_import(city: stack.City) -> None:
    """A file of 500 ideas that staff bring in: a job for the worker."""
    city.django()
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.utils import timezone

    from engagement.models import Call, User
    from engagement.services import imports

    lines = ["problem", *(f"There is no bench at stop number {number}." for number in range(500))]
    imports.queue_import(
        by=User.objects.create(username="clerk", is_superuser=True),
        at=timezone.now(),
        upload=SimpleUploadedFile("ideas.csv", "\n".join(lines).encode()),
        call=Call.objects.get(slug=OPEN_CALL),
        mapping={},
        language="en",
        state=imports.STATES[0],
    )


def worked_off(city: stack.City) -> bool:
    with psycopg.connect(city.url) as database:
        mails = database.execute("SELECT count(*) FROM engagement_notice WHERE state = 'waiting'").fetchone()
        jobs = database.execute("SELECT count(*) FROM engagement_job WHERE finished_at IS NULL").fetchone()
    return (mails, jobs) == ((0,), (0,))


def run(options: argparse.Namespace, city: stack.City) -> bool:
    subprocess.run(
        [sys.executable, "benchmarks/ideas.py", str(options.ideas)],
        cwd=stack.ROOT,
        env=city.environ,
        check=True,
    )
    city.redis()
    processes = [city.web(), city.worker(), city.beat()]
    queue_import(city)
    visit(city, options.requests)
    stack.wait_until(lambda: worked_off(city), "the worker does not finish", *processes, seconds=180)
    rows, whole = [], 0.0
    for process in processes:
        for number, pid in enumerate(process.pids()):
            megabytes = stack.proportional_memory(pid) / MEGABYTE
            name = process.name
            if process.name == "web":
                name = f"web, worker {number}" if number else "web, master"
            rows.append([name, f"{megabytes:.0f}"])
            whole += megabytes
    stack.table(["process", "MB"], [*rows, ["in all", f"{whole:.0f}"], ["to reach, under", LIMIT]])
    return whole < LIMIT


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--ideas", type=int, default=2_000)
    parser.add_argument("--server", default=stack.SERVER, help="PostgreSQL on this machine")
    options = parser.parse_args()
    with stack.city(options.server, "winnow_memory") as city:
        return 0 if run(options, city) else 1


if __name__ == "__main__":
    sys.exit(main())
