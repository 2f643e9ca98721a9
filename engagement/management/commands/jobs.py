"""`manage.py jobs list | show ID | cancel ID | retry ID`: long work, as on the jobs' pages."""

import json
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from engagement import services
from engagement.management.progress import Bar
from engagement.models import Job
from engagement.tasks import nudge_jobs

_LOOK_SECONDS = 1.0


class Command(BaseCommand):
    help = (
        "List jobs, show one (--watch: with its progress, until it is over), cancel it, have it tried again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="list|show|cancel|retry")
        listed = verbs.add_parser("list", help="the newest jobs")
        listed.add_argument("--state", choices=Job.State.values)
        listed.add_argument("--limit", type=int, default=20)
        for verb, told in (
            ("show", "one job"),
            ("cancel", "end a job; nothing of it is kept"),
            ("retry", "have a job that failed or was cancelled done again"),
        ):
            one = verbs.add_parser(verb, help=told)
            one.add_argument("job", type=int, metavar="ID")
            if verb != "cancel":
                one.add_argument("--watch", action="store_true", help="show its progress until it is over")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["verb"] == "list":
            self._list(options["state"], options["limit"])
            return
        job = Job.objects.select_related("by").filter(pk=options["job"]).first()
        if job is None:
            raise CommandError(f"There is no job {options['job']}.")
        try:
            if options["verb"] == "cancel":
                services.cancel_job(job=job, by=None, at=timezone.now())
                self.stdout.write(f"Cancelled: job {job.pk}.")
                return
            if options["verb"] == "retry":
                services.retry_job(job=job, by=None, at=timezone.now())
                nudge_jobs()
        except services.Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        if options["watch"]:
            self._watch(job)
        else:
            self._show(job)

    def _list(self, state: str | None, limit: int) -> None:
        found = Job.objects.select_related("by").defer("parameters", "result")
        if state:
            found = found.filter(state=state)
        for job in found[:limit]:
            self.stdout.write(_line(job))
        if not found.exists():
            self.stdout.write("No jobs.")

    def _watch(self, job: Job) -> None:
        bar = Bar(self.stdout, f"{job.pk} ")
        while not job.is_over:
            bar(job.progress, job.total)
            time.sleep(_LOOK_SECONDS)
            job.refresh_from_db()
        self._show(job)
        if job.state == Job.State.FAILED:
            raise CommandError(job.error)

    def _show(self, job: Job) -> None:
        self.stdout.write(_line(job))
        for row in job.history:
            self.stdout.write(f"  {row['at'][:19]}  {row['what']}")
        if job.error:
            self.stdout.write(f"  {job.error}")
        if job.result:
            self.stdout.write(f"  {json.dumps(job.result, ensure_ascii=False)}")


def _line(job: Job) -> str:
    progress = services.progress_of(job, timezone.now())
    percent = "" if progress.percent is None else f"{progress.percent} %"
    took = "" if progress.seconds is None else services.in_words(progress.seconds)
    title = str(services.kind_of(job).title)
    state = job.get_state_display()
    return f"{job.pk:>6}  {state:<10} {percent:>5}  {took:>12}  {title}  {job.by or ''}".rstrip()
