"""Kinds of long work: what does it, who may ask for it, and what its page tells of the result.

Each kind is registered where its work is written, with `add_kind`. Workers do the kinds of their app, by the
part of the name before the dot; pages and commands know every kind.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engagement.models import Job, User

Tell = Callable[..., None]
"""`tell(done, total=None)`: a job says how far it got, as often as it likes. Raises `Cancelled`."""

JobFunction = Callable[[Job, Tell], dict[str, Any]]
"""Does the work of one job, telling its progress, and gives the result that `Job.result` keeps, as JSON.

Work that writes to the domain commits it together with `finish_job`, in one transaction: a worker that lost
the job is then refused the commit. Raises `JobFailed` with words for the person where it cannot be done.
"""


class Cancelled(Exception):  # noqa: N818 - it is said as a word
    """The job is no longer this worker's: somebody cancelled it, or another worker took it over.

    Stop, keep nothing half done.
    """


class JobFailed(Exception):  # noqa: N818 - said as a sentence
    """The work cannot be done; says why and what to do, in the language in force."""


def _anybody(user: User) -> bool:
    return True


@dataclass(frozen=True)
class JobFile:
    """A file that a job made. `key` stands in its address, `name` is what a person saves it as."""

    key: str
    label: Any
    name: str
    path: Path
    content_type: str
    permission: str
    """Needed to take it away, by whoever asked for the job and by others; empty where a role decided."""
    allowed: Callable[[User], bool] = _anybody
    """What else must hold of who takes it away, at the moment they do."""


@dataclass
class Told:
    """What a job's page says of its result, in words of the reader's language."""

    figures: list[tuple[Any, Any]] = field(default_factory=list)
    sentences: list[Any] = field(default_factory=list)
    notes: list[Any] = field(default_factory=list)
    refusals: list[tuple[Any, Any, Any]] = field(default_factory=list)
    """(record, line, why), as many as the page shows."""
    refused: int = 0
    links: list[tuple[Any, str]] = field(default_factory=list)
    """(label, address of a page)."""


def _nothing_told(job: Job) -> Told:
    return Told()


def _no_files(job: Job) -> Sequence[JobFile]:
    return ()


def _no_paths(job: Job) -> Sequence[Path]:
    return ()


@dataclass(frozen=True)
class JobKind:
    name: str
    """`<app>.<verb>`."""
    title: Any
    run: JobFunction | None
    """None: it is done in the terminal where it was asked for, and no worker can go on with it."""
    permission: str = ""
    """What a member of staff needs to ask for it, where a permission decides and not a role."""
    listed_for: str = ""
    """Who has this permission finds the list of jobs on the desk; where none is named, `permission`."""
    tell: Callable[[Job], Told] = _nothing_told
    """Of a job that is done."""
    files: Callable[[Job], Sequence[JobFile]] = _no_files
    """What can be taken away from a job that is done, as long as it is kept."""
    inputs: Callable[[Job], Sequence[Path]] = _no_paths
    """Files that it was given, kept as long as it may be tried again."""
    nothing_done: Any = ""
    """The sentence of a job that failed or was cancelled: what did not happen."""


kinds: dict[str, JobKind] = {}


def add_kind(kind: JobKind) -> JobKind:
    """Makes a kind known. Called once, where its module is imported."""
    kinds[kind.name] = kind
    return kind


def kind_of(job: Job) -> JobKind:
    """The job's kind; one that nothing here does is named by its name, so that old rows can be shown."""
    return kinds.get(job.kind) or JobKind(name=job.kind, title=job.kind, run=None)
