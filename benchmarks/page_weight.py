"""What public pages cost at 200 and at 20,000 ideas and reports: queries, and kilobytes of the first view.

    .venv/bin/python benchmarks/page_weight.py [--ideas 20000]

Fills a database of its own with the demonstration and then with more ideas, prints a table, and removes the
database. SQLite unless DATABASE_URL names another server. Fails where a page is over its budget: 12 queries,
60 KB compressed with its style sheets and scripts.
"""

import argparse
import gzip
import os
import re
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
QUERIES, KILOBYTES = 12, 60
_LINKED = re.compile(r'<(?:link rel="stylesheet" href|script src)="([^"]+)"')


@dataclass(frozen=True)
class Cost:
    path: str
    queries: int
    html: int
    linked: int
    milliseconds: float

    @property
    def total(self) -> int:
        return self.html + self.linked

    @property
    def within(self) -> bool:
        return self.queries <= QUERIES and self.total <= KILOBYTES * 1024


def measure(path: str) -> Cost:
    """One page as a browser gets it for the first time: bytes are compressed."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(headers={"accept-encoding": "gzip"})
    client.get(path)  # the first request of a process also loads templates and translations
    connection.queries_log.clear()  # it holds a limited number, and counting works on its length
    with CaptureQueriesContext(connection) as asked:
        began = time.perf_counter()
        response = client.get(path)
        took = time.perf_counter() - began
    if response.status_code != 200:
        raise SystemExit(f"{path} answered {response.status_code}")
    queries = len(asked)  # now: the next request empties the log
    page = gzip.decompress(response.content).decode()
    linked = sum(_weight(client, address) for address in dict.fromkeys(_LINKED.findall(page)))
    return Cost(path, queries, len(response.content), linked, 1000 * took)


def _weight(client: Any, address: str) -> int:
    from django.contrib.staticfiles import finders

    if address.startswith("/static/"):
        found = finders.find(address.removeprefix("/static/"))
        return len(gzip.compress(Path(str(found)).read_bytes(), 9))
    return len(gzip.compress(client.get(address).content, 9))


def fill(total: int) -> None:
    """More published ideas, up to `total`, in the words of those that are there, and in the plan's count."""
    from engagement.models import Idea
    from prioritisation.models import PlanVersion

    sample = list(Idea.objects.public().prefetch_related("themes"))
    missing = total - Idea.objects.count()
    made = []
    for number in range(max(missing, 0)):
        idea = sample[number % len(sample)]
        made.append(
            Idea(
                **{
                    field.attname: getattr(idea, field.attname)
                    for field in Idea._meta.concrete_fields
                    if field.attname
                    not in ("id", "reference", "rotation", "contact_id", "form_key", "source_key")
                },
                reference=f"2020-{number + 1:05d}",
            )
        )
    made = Idea.objects.bulk_create(made, batch_size=1000)
    through = Idea.themes.through
    through.objects.bulk_create(
        [
            through(idea_id=idea.pk, theme_id=theme.pk)
            for number, idea in enumerate(made)
            for theme in sample[number % len(sample)].themes.all()
        ],
        batch_size=1000,
    )
    support(made)
    version = PlanVersion.objects.newest()[0]
    version.document["ideas"]["waiting"] += [idea.reference for idea in made]
    PlanVersion.objects.filter(pk=version.pk).update(document=version.document)


def support(ideas: list[Any]) -> None:
    """One idea in four has supporters, from one to twenty."""
    from django.utils import timezone

    from engagement.models import Call, Support

    Call.objects.update(supports=Call.Supports.TOKEN)
    Support.objects.bulk_create(
        [
            Support(idea=idea, voter=f"{number}-{voter}", kind=Support.Kind.TOKEN, given_at=timezone.now())
            for number, idea in enumerate(ideas[::4])
            for voter in range(1 + number % 20)
        ],
        batch_size=5000,
    )


def pages() -> list[str]:
    from django.utils import timezone

    from engagement.models import Call, Idea, Meeting, ReportService
    from prioritisation.models import PlanVersion

    version = PlanVersion.objects.newest().select_related("plan")[0]
    plan = f"/plans/{version.plan.slug}/"
    longest = max(version.document["initiatives"], key=lambda one: len(one["ideas"]))
    idea = Idea.objects.public().readable().exclude(outcome="").earliest("pk")
    call = Call.objects.open(timezone.now()).earliest("pk")
    meeting = Meeting.objects.earliest("pk")
    service = ReportService.objects.filter(active=True).earliest("pk")
    return [
        "/",
        "/ideas/",
        "/ideas/?q=bus",
        f"/ideas/?theme={longest['themes'][0]['key']}&state=published",
        "/ideas/?order=support",
        "/ideas/?order=near&near=45.500,-73.600",
        "/ideas/map/",
        f"/ideas/{idea.reference}/",
        "/ideas/feed/",
        "/calls/",
        f"/calls/{call.slug}/",
        f"/calls/{call.slug}/sheet/",
        f"/calls/{call.slug}/send/",
        f"/meetings/{meeting.pk}/",
        "/reports/",
        "/fr/reports/?q=erables&state=open",
        "/reports/?state=late&service=group.streets",
        "/reports/?order=me_too",
        "/reports/?order=near&near=45.500,-73.600",
        "/reports/map/",
        "/reports/feed/",
        "/report/",
        f"/report/{service.code}/",
        "/mine/",
        "/track/",
        "/plans/",
        plan,
        f"/fr{plan}",
        f"{plan}?theme={longest['themes'][0]['key']}",
        f"{plan}ideas/",
        f"{plan}{longest['reference']}/",
    ]


def table(heading: str) -> bool:
    print(f"\n{heading}")
    print(f"{'page':44} {'queries':>7} {'html KB':>8} {'css+js KB':>9} {'first view KB':>13} {'ms':>6}")
    costs = [measure(path) for path in pages()]
    if not costs[0].queries:
        raise SystemExit("the home page asked the database nothing: the count cannot be right")
    for cost in costs:
        kilobytes = [f"{size / 1024:.1f}" for size in (cost.html, cost.linked, cost.total)]
        print(
            f"{cost.path:44} {cost.queries:>7} {kilobytes[0]:>8} {kilobytes[1]:>9} {kilobytes[2]:>13}"
            f" {cost.milliseconds:>6.0f}{'' if cost.within else '  OVER BUDGET'}"
        )
    return all(cost.within for cost in costs)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--ideas", type=int, default=20_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "WINNOW_VAR": folder,
            "WINNOW_DEBUG": "on",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        (Path(folder) / "static").mkdir()
        return run(options.ideas)


def run(total: int) -> int:
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection
    from django.test.utils import setup_test_environment
    from django.utils import timezone

    from benchmarks import reports
    from engagement.models import Idea
    from prioritisation import demonstration

    setup_test_environment()
    settings.DEBUG = False
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        demonstration.load(today=timezone.now(), tell=lambda _line: None, report_count=0)
        few = table(f"{connection.vendor}, {Idea.objects.count():,} ideas")
        fill(total)
        reports.fill(total)
        many = table(f"{connection.vendor}, {Idea.objects.count():,} ideas")
    finally:
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)
    return 0 if few and many else 1


if __name__ == "__main__":
    sys.exit(main())
