"""Similar texts: added, taken out, searched. See `docs/adr/0021`."""

import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

import numpy as np
import numpy.typing as npt

from engagement.similarity import files, meaning, scoring
from engagement.similarity.meaning import Encoder
from engagement.similarity.postings import (
    KINDS,
    LETTERS,
    OPENING,
    PHRASES,
    WORDS,
    Entry,
    Floats,
    Id,
    Segment,
    build,
    features_of,
    kinds_of,
    marked,
    merge,
)
from engagement.similarity.words import LONGEST, Hashes, Words, hash_of, key_of, stem, take_apart
from engagement.text import fold

Backend = Literal["lexical", "semantic"]

_TAIL = 256
"""Texts that are kept apart until they make a segment of their own."""
_POSTINGS = 300_000
"""How many postings one search reads at most, those of the rarest features first: a bound on its time."""
_BATCH = 64


@dataclass(frozen=True)
class Parts:
    """Why two texts have their score. All between 0 and 1; `meaning` is None where it was not looked at.

    `by_words` is what the score would be without the meaning, made of words, phrases, letters and opening:
    the rest of the score is what the meaning adds.
    """

    score: float
    by_words: float
    words: float
    phrases: float
    letters: float
    opening: float
    meaning: float | None
    shared_words: tuple[str, ...]
    shared_phrases: tuple[str, ...]
    same_text: bool


@dataclass(frozen=True)
class _Question:
    words: Words
    features: Hashes
    kinds: npt.NDArray[np.int64]
    rarities: npt.NDArray[np.float64]
    read: npt.NDArray[np.int64]
    """The features whose postings are read, rarest first."""
    key: int
    vector: Floats | None


class Index:
    """Texts by id, and which are close to one that is asked about.

    `lexical` looks at words, phrases and runs of letters; `semantic` also at what a text means, across
    languages. An index is one process's own. What `save` wrote is mapped by every process that opens it,
    once for all; what is added or taken out afterwards stays in this process until the next `save`.
    """

    def __init__(self, backend: Backend = "lexical", *, encoder: Encoder | None = None) -> None:
        if backend not in ("lexical", "semantic"):
            raise ValueError(f"backend is lexical or semantic, not {backend!r}")
        self.backend: Backend = backend
        self.generation = ""
        self._encoder = (encoder or meaning.preload()) if backend == "semantic" else None
        self._segments: list[Segment] = []
        self._tail: dict[Id, Entry] = {}
        self._tail_segment: Segment | None = None
        self._lock = threading.RLock()

    def __len__(self) -> int:
        return len(self._tail) + sum(len(one.at) for one in self._segments)

    def __contains__(self, id: object) -> bool:
        return id in self._tail or any(id in one.at for one in self._segments)

    def ids(self) -> list[Id]:
        with self._lock:
            found = [*self._tail, *(id for one in self._segments for id in one.at)]
        return sorted(found, key=_place)

    def add(self, id: Id, text: str, language: str = "") -> None:
        """Takes in a text; one that was there under this id goes."""
        self.add_many([(id, text, language)])

    def add_many(self, rows: Iterable[tuple[Id, str, str]]) -> None:
        """Takes in many texts: with meaning, some at a time are faster than one by one."""
        batch: list[tuple[Id, str, str]] = []
        for row in rows:
            batch.append(row)
            if len(batch) == _BATCH:
                self._take(batch)
                batch = []
        self._take(batch)

    def _take(self, batch: list[tuple[Id, str, str]]) -> None:
        if not batch:
            return
        vectors = (
            self._encoder.encode([text for _, text, _ in batch]) if self._encoder else [None] * len(batch)
        )
        entries = [_entry(*row, vector) for row, vector in zip(batch, vectors, strict=True)]
        with self._lock:
            for one in entries:
                self.remove(one.id)
                self._tail[one.id] = one
            self._tail_segment = None
            if len(self._tail) >= _TAIL:
                self._settle()

    def _settle(self) -> None:
        """Makes a segment of the tail, and one of neighbours that are not much larger: few segments, and
        each text is moved a few times only, however many come."""
        self._segments = [*self._segments, build(list(self._tail.values()))]
        self._tail, self._tail_segment = {}, None
        while len(self._segments) > 1 and len(self._segments[-2].at) <= 2 * len(self._segments[-1].at):
            self._segments = [*self._segments[:-2], merge(self._segments[-2:])]

    def remove(self, id: Id) -> bool:
        """Takes a text out; False when there was none under this id."""
        with self._lock:
            if self._tail.pop(id, None) is not None:
                self._tail_segment = None
                return True
            for segment in self._segments:
                if id in segment.at:
                    segment.remove(id)
                    return True
        return False

    def search(self, text: str, limit: int = 5, language: str = "") -> list[tuple[Id, float]]:
        """The closest texts with their scores, closest first, equal ones by id. 1 means surely the same
        text."""
        segments = self._all()
        question = self._ask(text, language, segments)
        found: list[tuple[Id, float]] = []
        if limit < 1:
            return found
        for segment in segments:
            scores = np.round(self._scores(question, segment)[0], 4)
            scores[segment.removed] = 0
            least = np.partition(scores, -limit)[-limit] if limit < len(scores) else 0.0
            best = np.flatnonzero((scores >= least) & (scores > 0))
            found += [(segment.ids[at], float(scores[at])) for at in best]
        return sorted(found, key=lambda one: (-one[1], _place(one[0])))[:limit]

    def same(self, text: str) -> list[Id]:
        """Those that surely are this text: the only ones that may be linked without a person looking.

        A text of one or two words is easily the same as another that means something else.
        """
        key = key_of(text)
        if not key:
            return []
        found = [
            segment.ids[at]
            for segment in self._all()
            for at in np.flatnonzero((segment.keys == np.uint64(key)) & ~segment.removed)
        ]
        return sorted(found, key=_place)

    def explain(self, text: str, id: Id, language: str = "") -> Parts:
        """What the score of this text and the one under `id` is made of; KeyError when there is none."""
        segments = self._all()
        segment = next((one for one in segments if id in one.at), None)
        if segment is None:
            raise KeyError(id)
        at = segment.at[id]
        question = self._ask(text, language, segments)
        scores, parts, meant, by_words = self._scores(question, segment)
        shown = [round(float(one), 4) for one in parts[:, at]]
        words, phrases = _as_written(
            text,
            _shared(question.words.stems, WORDS, segment, at),
            _shared(question.words.phrases, PHRASES, segment, at),
        )
        return Parts(
            score=round(float(scores[at]), 4),
            by_words=round(float(by_words[at]), 4),
            words=shown[WORDS],
            phrases=shown[PHRASES],
            letters=shown[LETTERS],
            opening=shown[OPENING],
            meaning=None if meant is None else round(float(meant[at]), 4),
            shared_words=words,
            shared_phrases=phrases,
            same_text=bool(question.key and segment.keys[at] == np.uint64(question.key)),
        )

    def save(self, folder: str | Path) -> str:
        """Writes all into `folder` and goes on from there; gives the name of this generation.

        Whoever has an earlier one open keeps it. A reader finds the old one or the new one, never half of
        each.
        """
        with self._lock:
            whole = merge(list(self._all())) if len(self) else build([])
            model = self._encoder.name if self._encoder else ""
            self.generation = files.write(Path(folder), whole, self.backend, model)
            self._segments, self._tail, self._tail_segment = [files.read(Path(folder)).segment], {}, None
            return self.generation

    @classmethod
    def open(
        cls, folder: str | Path, backend: Backend | None = None, *, encoder: Encoder | None = None
    ) -> Self:
        """What was saved, mapped from its files; `files.Unreadable` when it is not whole or from another
        model.

        `backend` is the one it was saved with, or `lexical`, which reads any.
        """
        saved = files.read(Path(folder))
        index = cls(backend or saved.backend, encoder=encoder)
        if index._encoder is None:
            saved.segment.vectors = None
        elif index._encoder.name != saved.model:
            raise files.Unreadable(f"made with {saved.model or 'no model'}, not with {index._encoder.name}")
        index._segments = [saved.segment]
        index.generation = saved.generation
        return index

    def _all(self) -> tuple[Segment, ...]:
        with self._lock:
            if self._tail and self._tail_segment is None:
                self._tail_segment = build(list(self._tail.values()))
            tail = [self._tail_segment] if self._tail and self._tail_segment else []
            return (*self._segments, *tail)

    def _ask(self, text: str, language: str, segments: tuple[Segment, ...]) -> _Question:
        words = take_apart(text, language)
        features = features_of(words)
        many = np.zeros(len(features), np.int64)
        for segment in segments:
            many += segment.how_many(features)
        order = np.lexsort((features, many))
        enough = np.cumsum(many[order]) <= _POSTINGS
        enough[:1] = True
        rarities = scoring.rarity(many, sum(len(one.at) for one in segments))
        vector = self._encoder.encode([text])[0] if self._encoder else None
        return _Question(words, features, kinds_of(features), rarities, order[enough], key_of(text), vector)

    def _scores(
        self, question: _Question, segment: Segment
    ) -> tuple[scoring.Doubles, scoring.Doubles, scoring.Doubles | None, scoring.Doubles]:
        """Of all texts of a segment: the score, its parts by kind, the meaning, what the words alone give."""
        parts = np.zeros((KINDS, len(segment)))
        there = np.bincount(question.kinds[question.read], minlength=KINDS)
        first, last = segment.find(question.features)
        for kind in range(KINDS):
            read = question.read[question.kinds[question.read] == kind]
            if len(read):
                all_of_kind = int((question.kinds == kind).sum())
                parts[kind] = _part(
                    segment, first[read], last[read], question.rarities[read], kind, all_of_kind
                )
        meant = None
        if question.vector is not None and segment.vectors is not None:
            meant = scoring.meaning(segment.vectors @ question.vector)
        language = question.words.language
        across = (segment.languages != language) & (segment.languages != 0) & (language != 0)
        by_words = scoring.lexical(parts, there)
        scores = scoring.together(by_words, meant, across)
        if question.key:
            scores[segment.keys == np.uint64(question.key)] = 1.0
        return scores, parts, meant, by_words


def same_text(one: str, other: str) -> bool:
    """Surely the same: alike but for case, blanks and punctuation. All else is a suggestion to a person."""
    key = key_of(one)
    return bool(key) and key == key_of(other)


def _entry(id: Id, text: str, language: str, vector: Floats | None) -> Entry:
    words = take_apart(text, language)
    features = features_of(words)
    counts = np.bincount(kinds_of(features), minlength=KINDS)
    return Entry(id, features, tuple(int(one) for one in counts), key_of(text), vector, words.language)


def _part(
    segment: Segment,
    first: npt.NDArray[np.int64],
    last: npt.NDArray[np.int64],
    rarities: npt.NDArray[np.float64],
    kind: int,
    all_of_kind: int,
) -> scoring.Doubles:
    """One kind's score with every text of a segment, from the postings of the features that are read."""
    total = rarities.sum()
    texts = np.concatenate([segment.texts[start:end] for start, end in zip(first, last, strict=True)])
    asked = np.bincount(texts, np.repeat(rarities, last - first), len(segment)) / total
    shared = np.bincount(texts, minlength=len(segment)) * (all_of_kind / len(first))
    held = shared / np.maximum(segment.counts[:, kind], 1)
    return scoring.part(np.minimum(asked, 1), np.minimum(held, 1))


def _shared(some: tuple[str, ...], kind: int, segment: Segment, at: int) -> tuple[str, ...]:
    there = segment.holding(at, marked([hash_of(one) for one in some], kind))
    return tuple(one for one, found in zip(some, there, strict=True) if found)


def _as_written(text: str, stems: tuple[str, ...], phrases: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Words and phrases as the text first has them: for people to read."""
    written = {one: one for one in stems}
    for word in reversed(re.findall(r"[^\W_]+", text[:LONGEST])):
        written[stem(fold(word))] = word
    pairs = (phrase.split(" ", 1) for phrase in phrases)
    return (
        tuple(written.get(one, one) for one in stems),
        tuple(" ".join(written.get(one, one) for one in pair) for pair in pairs),
    )


def _place(id: Id) -> tuple[str, int, str]:
    """Where an id stands among others, numbers before words."""
    return ("", id, "") if isinstance(id, int) else (type(id).__name__, 0, str(id))
