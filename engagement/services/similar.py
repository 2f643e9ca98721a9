"""Which ideas say what a text says: an index beside the database, kept by the worker, read by everybody.

The index is a cache of masked words in files under VAR; losing it loses nothing. It answers with keys only.
What may be shown is asked of the database each time, so whatever is withdrawn, hidden or erased is gone from
suggestions at once, whatever the files still hold until the worker's next look (`docs/adr/0021`).
"""

import fcntl
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings

from engagement import similarity
from engagement.models import Idea
from engagement.querysets import IdeaQuerySet

LOOK_SECONDS = 2.0
"""How often a web process looks for a newer index, and for ideas that came since."""
FRESH = 300
"""The newest ideas that a process adds by itself: those since the last save, or all that a new city has."""
LEAST = 0.25
"""Texts that are less alike have some words in common, and little else."""
BATCH = 500

_STAMPS = "stamps.json"


class Alike(NamedTuple):
    """An idea and how much it is like the text, between 0 and 1."""

    idea: Idea
    score: float


class _Kept:
    """This process's view of the index."""

    def __init__(self) -> None:
        self.index: similarity.Index | None = None
        self.generation = ""
        self.last = 0
        self.looked = 0.0
        self.lock = threading.Lock()


_kept = _Kept()


def similar_ideas(
    *, text: str, among: IdeaQuerySet, limit: int = 5, language: str = "", least: float = LEAST
) -> list[Alike]:
    """Ideas of `among` that are like the text, closest first. `among` says what this reader may see."""
    if not text.strip():
        return []
    index, wanted = _current(), limit * 8
    while True:
        found = [one for one in index.search(text, wanted, language) if one[1] >= least]
        rows = among.in_bulk([key for key, _score in found])
        shown = [Alike(rows[int(key)], score) for key, score in found if key in rows]
        if len(shown) >= limit or len(found) < wanted:
            return shown[:limit]
        # All places were taken by what this reader may not see: look further down.
        wanted *= 8


def why_similar(*, text: str, idea: Idea, language: str = "") -> similarity.Parts | None:
    """What the score is made of; None where the idea is not in the index."""
    with suppress(KeyError):
        return _current().explain(text, idea.pk, language)
    return None


def refresh_similar() -> int:
    """Brings the index up to date with the database and saves it; gives how many texts changed.

    Only what changed is looked at anew: a restart, or another worker, embeds nothing twice. One writer at a
    time; who comes second leaves it to the first.
    """
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder) as alone:
        if not alone:
            return 0
        index, stamps = _saved(folder)
        now = {key: f"{version}.{rotation}" for key, version, rotation in _readable(Idea.objects)}
        gone = [key for key in stamps if key not in now]
        changed = [key for key, stamp in now.items() if stamps.get(key) != stamp]
        if not gone and not changed and index.generation:
            return 0
        for key in gone:
            index.remove(key)
        for start in range(0, len(changed), BATCH):
            index.add_many(_texts(Idea.objects.filter(pk__in=changed[start : start + BATCH])))
        _write_stamps(folder, index.save(folder), now)
        return len(gone) + len(changed)


def backend() -> Any:
    """By meaning where the extra is installed and the city did not ask for words only."""
    meant = settings.WINNOW_SIMILAR != "words" and similarity.meaning_available()
    return "semantic" if meant else "lexical"


def preload_similar() -> None:
    """Loads the model before the web server makes its workers, so that they share it."""
    if backend() == "semantic":
        similarity.preload()


def forget_similar() -> None:
    """Lets this process read the index anew: for tests, and after a restore."""
    global _kept
    _kept = _Kept()


def words_of(idea: Idea) -> str:
    """What an idea is compared by: the words as the public may read them."""
    return "\n".join(one for one in (idea.public_title, idea.public_problem, idea.public_proposal) if one)


def _folder() -> Path:
    return Path(settings.VAR) / "similar"


def _readable(ideas: Any) -> Any:
    found = ideas.readable().exclude(public_problem="").order_by("pk")
    return found.values_list("pk", "version", "rotation")


def _texts(ideas: IdeaQuerySet) -> Iterator[tuple[int, str, str]]:
    for idea in ideas.readable().exclude(public_problem="").order_by("pk").with_public_words():
        yield idea.pk, words_of(idea), idea.language


def _current() -> similarity.Index:
    """The newest saved index with the ideas that came since, or one of the newest ideas alone."""
    kept = _kept
    with kept.lock:
        now = time.monotonic()
        if kept.index is None or now - kept.looked >= LOOK_SECONDS:
            _open_newest(kept)
            _add_fresh(kept)
            kept.looked = now
        assert kept.index is not None
        return kept.index


def _open_newest(kept: _Kept) -> None:
    folder = _folder()
    newest = similarity.newest(folder)
    if kept.index is not None and newest == kept.generation:
        return
    opened = _open(folder) if newest else None
    if opened is None:
        # Nothing is there yet, or nothing that this version reads: words of the newest ideas, until the
        # worker has made it.
        opened = kept.index or similarity.Index("lexical")
    kept.index, kept.generation = opened, newest
    kept.last = max((int(one) for one in opened.ids()), default=0)


def _open(folder: Path) -> similarity.Index | None:
    for kind in (backend(), "lexical"):
        with suppress(similarity.Unreadable):
            return similarity.Index.open(folder, kind)
    return None


def _add_fresh(kept: _Kept) -> None:
    assert kept.index is not None
    fresh = Idea.objects.filter(pk__gt=kept.last)
    keys = list(fresh.order_by("-pk").values_list("pk", flat=True)[:FRESH])
    if keys:
        kept.index.add_many(_texts(Idea.objects.filter(pk__in=keys)))
        kept.last = keys[0]


def _saved(folder: Path) -> tuple[similarity.Index, dict[int, str]]:
    """What was saved, with the stamp of each text; an empty index where it must be made anew."""
    kind = backend()
    with suppress(similarity.Unreadable, OSError, ValueError, KeyError):
        said = json.loads((folder / _STAMPS).read_text("utf-8"))
        index = similarity.Index.open(folder)
        if said["generation"] == index.generation and index.backend == kind:
            return index, {int(key): stamp for key, stamp in said["stamps"].items()}
    return similarity.Index(kind), {}


def _write_stamps(folder: Path, generation: str, stamps: dict[int, str]) -> None:
    waiting = folder / f"{_STAMPS}.new"
    waiting.write_text(json.dumps({"generation": generation, "stamps": stamps}), "utf-8")
    waiting.replace(folder / _STAMPS)


@contextmanager
def _alone(folder: Path) -> Iterator[bool]:
    """Is no other process writing? A lock of the file system: it ends with the process that holds it."""
    with (folder / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True
