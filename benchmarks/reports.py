"""Problem reports all over a city, the same at every run: kinds in groups, half of them open, some late.

    DATABASE_URL=postgresql://... .venv/bin/python benchmarks/reports.py 20000

Into a database that has districts (`benchmarks/ideas.py` makes them). Rows are written in bulk.
"""

import random
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
SEED = 20_260_311
CHUNK = 2_000
SOUTH, WEST, SIDE = 45.45, -73.7, 0.2
"""A square of about 22 by 16 km."""
GROUPS = {
    ("Streets", "Rues"): ["Pothole", "Sidewalk", "Road sign", "Markings"],
    ("Light", "Éclairage"): ["Street light", "Traffic light"],
    ("Waste", "Déchets"): ["Missed collection", "Full bin", "Illegal dumping"],
    ("Parks", "Parcs"): ["Broken bench", "Fallen tree", "Playground"],
}
WORDS = (
    "A deep hole; cyclists swerve into the traffic.",
    "Dark since Monday, and the stairs below are steep.",
    "Le trou grandit chaque jour devant l’école.",
    "Personne n’est passé depuis deux semaines.",
)
STREETS = ("rue des Érables", "Rowan Street", "avenue du Parc", "rue de l’Église", "Mill Road")


def fill(count: int) -> None:
    from django.db import connection
    from django.utils import timezone

    from engagement.models import District, MeToo, Report

    draw, now = random.Random(SEED), timezone.now()
    kinds, districts = _kinds(), list(District.objects.all())
    for first in range(0, count, CHUNK):
        rows = [
            _report(draw, kinds, districts, now, number) for number in range(first, min(first + CHUNK, count))
        ]
        made = Report.objects.bulk_create(rows)
        MeToo.objects.bulk_create(
            MeToo(report=report, voter=f"{voter}", given_at=now)
            for report in made[::10]
            for voter in range(draw.randint(1, 12))
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if connection.vendor == "sqlite" else "VACUUM ANALYZE")


def _kinds() -> list[Any]:
    from engagement.models import ReportService

    for (english, french), names in GROUPS.items():
        ReportService.objects.bulk_create(
            ReportService(
                code=f"kind-{name.lower().replace(' ', '-')}",
                name={"en": name, "fr": name},
                group={"en": english, "fr": french},
                target_days=10,
                nearby_metres=150,
            )
            for name in names
        )
    return list(ReportService.objects.filter(code__startswith="kind-"))


def _report(draw: random.Random, kinds: list[Any], districts: list[Any], now: Any, number: int) -> Any:
    import h3

    from engagement.models import Report
    from engagement.services.ideas import CELL_RESOLUTION, searchable

    reference, service = f"R2019-{number + 1:06d}", draw.choice(kinds)
    received = now - timedelta(minutes=draw.randint(1, 390 * 1440))
    is_open = draw.random() < 0.5
    words, address = draw.choice(WORDS), f"{draw.randint(1, 900)}, {draw.choice(STREETS)}"
    latitude, longitude = SOUTH + SIDE * draw.random(), WEST + SIDE * draw.random()
    return Report(
        reference=reference,
        service=service,
        language="en",
        state=draw.choice(("received", "in_progress")) if is_open else "closed",
        description=words,
        public_description=words,
        search=searchable(reference, str(service), words, address),
        address=address,
        district=draw.choice(districts),
        latitude=latitude,
        longitude=longitude,
        cell=h3.latlng_to_cell(latitude, longitude, CELL_RESOLUTION),
        received_at=received,
        changed_at=received,
        expected_at=received + timedelta(days=draw.choice((5, 40, 400))),
        closed_at=None if is_open else received,
        nonce=f"{draw.getrandbits(128):032x}",
    )


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    fill(int(sys.argv[1]))
