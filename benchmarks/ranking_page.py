"""The ranking of a round of 10,000 initiatives, and "what if" of a round of 232: time, queries, kilobytes.

    .venv/bin/python benchmarks/ranking_page.py [--initiatives 10000] [--reviews 5] [--requests 40]
    .venv/bin/python benchmarks/ranking_page.py --what-if

Fills a database of its own with one closed round of made-up scores and removes it. SQLite unless DATABASE_URL
names another server. `cold` is the first request of a process, which reads the whole result; `warm` what all
others cost. Fails over 12 queries, 60 KB of a first view, 300 ms (what if: 200 ms) for 95 of 100 requests.
"""

import argparse
import gc
import gzip
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
SEED = 7
QUERIES, KILOBYTES, LIST_MS, TRY_MS = 12, 60, 300, 200


def document(criteria: int) -> dict[str, Any]:
    """Montréal's rules with so many criteria, all judged by assessors, and no conditions."""
    from prioritisation.policies import catalogue

    made: dict[str, Any] = catalogue.load("montreal-2015")
    pattern = next(one for one in made["criteria"] if one.get("source", "assessor") == "assessor")
    made["criteria"] = [
        {**pattern, "key": f"c{number}", "points": 100 - 5 * number, "use": "score"}
        for number in range(criteria)
    ]
    made["gates"], made["mix"], made["tie_break"] = [], [], "c0"
    return made


def inputs(initiatives: int, criteria: int, reviews: int) -> dict[str, Any]:
    import numpy as np

    draw = np.random.default_rng(SEED)
    quality = draw.normal(2.5, 1, (initiatives, 1, criteria))
    scores = np.clip(np.rint(quality + draw.normal(0, 0.8, (initiatives, reviews, criteria))), 0, 5).tolist()
    letters = [f"{chr(65 + number % 26)}{number // 26}" for number in range(60)]
    return {
        "format": 2,
        "policy": "0" * 64,
        "places": max(initiatives * 3 // 10, 1),
        "severity": "beside",
        "seed": SEED,
        "initiatives": [
            {
                "reference": f"I2026-{number + 1:05d}",
                "figures": {"timeframe_months": 12, "cost_total": 1000.0 * number},
                "checks": {},
                "reviews": [
                    {
                        "id": number * reviews + one,
                        "version": 1,
                        "assessor": letters[(number * 7 + one * 11) % 60],
                        "scores": scores[number][one],
                    }
                    for one in range(reviews)
                ],
            }
            for number in range(initiatives)
        ],
    }


def fill(initiatives: int, criteria: int, reviews: int, *, rank: bool = True) -> tuple[Any, Any]:
    """(round, its manager): a closed round with its result, written as rows, not through the services.

    Without `rank` the round has its entries alone.
    """
    from django.utils import timezone

    from engagement.models import Department, User
    from prioritisation import rankings
    from prioritisation.models import (
        Entry,
        Initiative,
        InitiativeRevision,
        PolicyVersion,
        Programme,
        Result,
        Round,
    )
    from prioritisation.policies import schema

    now = timezone.now()
    manager = User.objects.create(username="manager", is_staff=True)
    programme = Programme.objects.create(slug="plan", title={"en": "Plan"}, created_at=now)
    programme.memberships.create(user=manager, role="manager")
    rules = document(criteria)
    given = inputs(initiatives, criteria, reviews)
    version = PolicyVersion.objects.create(
        programme=programme, number=1, document=rules, sha256="0" * 64, created_at=now, created_by=manager
    )
    round = Round.objects.create(
        programme=programme, number=1, stage="plan", policy_version=version, seed=SEED, created_at=now
    )
    owners = [
        Department.objects.create(code=f"d{number}", name={"en": f"Department {number}"})
        for number in range(20)
    ]
    made = Initiative.objects.bulk_create(
        [
            Initiative(
                programme=programme,
                reference=one["reference"],
                title={"en": f"Initiative {one['reference']} of a city"},
                owner=owners[number % 20],
                created_at=now,
                changed_at=now,
            )
            for number, one in enumerate(given["initiatives"])
        ],
        batch_size=500,
    )
    texts = {"need": {"en": "What people wrote. " * 40}, "summary": {"en": "What it would do. " * 30}}
    revisions = InitiativeRevision.objects.bulk_create(
        [
            InitiativeRevision(
                initiative=one,
                number=1,
                made_at=now,
                content={
                    **texts,
                    "title": one.title,
                    "owner": {"code": one.owner.code, "name": one.owner.name},
                    "themes": [],
                    "districts": [],
                    "whole_city": True,
                    "timeframe_months": 12,
                },
            )
            for one in made
        ],
        batch_size=500,
    )
    Entry.objects.bulk_create(
        [Entry(round=round, initiative=one.initiative, revision=one) for one in revisions], batch_size=500
    )
    if not rank:
        return round, manager
    output = rankings.rank(schema.parse(rules), given)
    Result.objects.create(
        round=round,
        policy_version=version,
        inputs=given,
        inputs_sha256=rankings.fingerprint(given),
        seed=SEED,
        code_version="benchmark",
        output=output,
        made_at=now,
    )
    Round.objects.filter(pk=round.pk).update(state="closed", closed_at=now)
    return round, manager


def ask(client: Any, path: str) -> tuple[float, int, int, str, float]:
    """Milliseconds, queries, compressed bytes, the page, milliseconds of the processor."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    connection.queries_log.clear()
    with CaptureQueriesContext(connection) as asked:
        began, worked = time.perf_counter(), time.process_time()
        response = client.get(path)
        took, work = 1000 * (time.perf_counter() - began), 1000 * (time.process_time() - worked)
    if response.status_code != 200:
        raise SystemExit(f"{path} answered {response.status_code}")
    return took, len(asked), len(response.content), gzip.decompress(response.content).decode(), work


def measure(client: Any, path: str, requests: int, *, limit: int, cold: bool) -> bool:
    from benchmarks.page_weight import _LINKED, _weight
    from prioritisation.admin.rankings import reading

    if cold:
        reading.forget()
    first, cold_queries, _size, _page, _work = ask(client, path)
    found = [ask(client, path) for _ in range(requests)]
    times = sorted(one[0] for one in found)
    p95 = times[int(0.95 * (len(times) - 1))]
    page, work = found[-1][3], sorted(one[4] for one in found)[len(found) // 2]
    kilobytes = (
        found[-1][2] + sum(_weight(client, one) for one in dict.fromkeys(_LINKED.findall(page)))
    ) / 1024
    queries = max(cold_queries, *(one[1] for one in found))
    within = queries <= QUERIES and kilobytes <= KILOBYTES and p95 <= limit
    print(
        f"{path.partition('/round/')[2]:44} {queries:>7} {kilobytes:>8.1f} {first:>8.0f} "
        f"{times[len(times) // 2]:>8.0f} {p95:>8.0f} {work:>8.0f}{'' if within else '  OVER'}"
    )
    return within


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--initiatives", type=int, default=10_000)
    parser.add_argument("--reviews", type=int, default=5)
    parser.add_argument("--requests", type=int, default=40)
    parser.add_argument("--what-if", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "WINNOW_VAR": folder,
            "WINNOW_DEBUG": "on",
            "WINNOW_LOG_LEVEL": "ERROR",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        (Path(folder) / "static").mkdir()
        return run(options)


def run(options: argparse.Namespace) -> int:
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import setup_test_environment

    import config.wsgi  # noqa: F401  # as gunicorn's: what is loaded by now is left alone by the collector

    setup_test_environment()
    settings.DEBUG = False
    settings.AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        size, criteria = (232, 6) if options.what_if else (options.initiatives, 10)
        round, manager = fill(size, criteria, options.reviews)
        # What filling left in memory is not a web process's own; else it is counted over and over.
        gc.collect()
        gc.freeze()
        client = Client(headers={"accept-encoding": "gzip"})
        client.force_login(manager)
        print(f"{connection.vendor}, {size:,} initiatives x {criteria} criteria x {options.reviews} reviews")
        print(
            f"{'page':44} {'queries':>7} {'first KB':>8} {'cold ms':>8} {'p50 ms':>8}"
            f" {'p95 ms':>8} {'cpu ms':>8}"
        )
        start = f"/admin/prioritisation/round/{round.pk}/"
        client.get("/admin/")  # templates and translations are read with the first request of a process
        if options.what_if:
            paths, limit = ["what-if/?w_c0=40", "what-if/?places=90&without=c1&w_c2=5"], TRY_MS
        else:
            views = ("", "?show=figures", "?show=figures&sort=p_noise&direction=desc&page=20", "?group=close")
            paths, limit = [f"ranking/{view}" for view in views], LIST_MS
        within = [
            measure(client, start + path, options.requests, limit=limit, cold=place == 0)
            for place, path in enumerate(paths)
        ]
    finally:
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)
    return 0 if all(within) else 1


if __name__ == "__main__":
    sys.exit(main())
