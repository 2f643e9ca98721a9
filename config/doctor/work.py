"""Is the work done that web only writes down? The same answers as /healthz, with what to do."""

from collections.abc import Iterator

from django.db.models import Count
from django.utils import timezone

from config import health
from config.doctor.finding import Finding, fault, ok, warning
from engagement.models import Job, Notice


def worker() -> Iterator[Finding]:
    yield _alive("worker", "worker", "Start it, and look at its log. Nothing is lost meanwhile.")


def beat() -> Iterator[Finding]:
    """The timetable is silent too where no worker passes its word on."""
    yield _alive(
        "beat", "timetable", "Start exactly one beat. Without it mails and jobs go only when asked for."
    )


def _alive(name: str, called: str, todo: str) -> Finding:
    told = health.PARTS[name](timezone.now())
    seconds = told["seen_seconds_ago"]
    if told["ok"]:
        return ok(name, f"the {called} was seen {seconds} s ago.")
    seen = "was never seen" if seconds is None else f"was last seen {seconds} s ago"
    return fault(name, f"the {called} {seen}.", todo)


def mails() -> Iterator[Finding]:
    told = health.mail(timezone.now())
    if not told["ok"]:
        minutes = told["oldest_unsent_seconds"] // 60
        yield fault(
            "mails", f"the oldest unsent one is {minutes} minutes old.", "See worker and mail server."
        )
    if told["failed"]:
        kinds = Notice.objects.failed().values_list("kind").annotate(Count("pk")).order_by("kind")
        listed = ", ".join(f"{kind} {count}" for kind, count in kinds)
        yield warning(
            "mails",
            f"{told['failed']} were given up: {listed}.",
            "See why in the admin under Mails, mend it, and send them again from there.",
        )
    if told["ok"] and not told["failed"]:
        yield ok("mails", "none is late, none was given up.")


def jobs() -> Iterator[Finding]:
    told = health.jobs(timezone.now())
    failed = Job.objects.filter(state=Job.State.FAILED).count()
    if not told["ok"]:
        minutes = told["oldest_waiting_seconds"] // 60
        yield fault(
            "jobs",
            f"one has waited {minutes} minutes for a worker.",
            "Start a worker, or one more of them: a long job may be before it.",
        )
    else:
        yield ok("jobs", f"{told['running']} running, none stuck, {failed} failed so far.")
