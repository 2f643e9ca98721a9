"""A fixed set of texts as sorted arrays: which texts hold which word, phrase and run of letters.

A segment is never changed, so that it can lie in files that every process maps once. What is taken out is
marked beside it. All figures of a search are sums over segments: how texts are spread over them changes no
answer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from engagement.similarity.words import Hashes, Words, hash_of

Id = int | str
Floats = npt.NDArray[np.float32]

KINDS = 4
WORDS, PHRASES, LETTERS, OPENING = range(KINDS)
_KIND_BITS = np.uint64(62)
_REST = np.uint64((1 << 62) - 1)


@dataclass(frozen=True)
class Entry:
    """A text on its way in: `features` sorted and distinct, `counts` how many of each kind, `key` of the
    text."""

    id: Id
    features: Hashes
    counts: tuple[int, ...]
    key: int
    vector: Floats | None = None
    language: int = 0


def marked(hashes: Iterable[int] | Hashes, kind: int) -> Hashes:
    """Features of one kind, which the two highest bits tell."""
    return (np.array(hashes, np.uint64) & _REST) | (np.uint64(kind) << _KIND_BITS)


def features_of(words: Words) -> Hashes:
    """All that a text is found by, sorted."""
    kinds = {
        WORDS: marked([hash_of(one) for one in words.stems], WORDS),
        PHRASES: marked([hash_of(one) for one in words.phrases], PHRASES),
        LETTERS: marked(words.letters, LETTERS),
        OPENING: marked([hash_of(one) for one in words.opening], OPENING),
    }
    return np.unique(np.concatenate(list(kinds.values())))


def kinds_of(features: Hashes) -> npt.NDArray[np.int64]:
    return (features >> _KIND_BITS).astype(np.int64)


@dataclass
class Segment:
    ids: list[Id]
    features: Hashes
    starts: npt.NDArray[np.int64]
    texts: npt.NDArray[np.int32]
    counts: npt.NDArray[np.int32]
    keys: Hashes
    languages: npt.NDArray[np.int8]
    vectors: Floats | None = None
    removed: npt.NDArray[np.bool_] = field(init=False)
    fewer: npt.NDArray[np.int32] | None = field(init=False, default=None)
    at: dict[Id, int] = field(init=False)

    def __post_init__(self) -> None:
        self.removed = np.zeros(len(self.ids), np.bool_)
        self.at = {one: place for place, one in enumerate(self.ids)}

    def __len__(self) -> int:
        return len(self.ids)

    def remove(self, id: Id) -> None:
        """Marks a text as gone and takes it out of the counts of its features."""
        place = self.at.pop(id)
        self.removed[place] = True
        if self.fewer is None:
            self.fewer = np.zeros(len(self.features), np.int32)
        found = np.flatnonzero(self.texts == place)
        self.fewer[np.searchsorted(self.starts, found, side="right") - 1] += 1

    def find(self, features: Hashes) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Where each feature's postings begin and end; both 0 where there are none."""
        if not len(self.features):
            return np.zeros(len(features), np.int64), np.zeros(len(features), np.int64)
        place = np.searchsorted(self.features, features)
        place[place == len(self.features)] = 0
        there = self.features[place] == features
        return np.where(there, self.starts[place], 0), np.where(there, self.starts[place + 1], 0)

    def how_many(self, features: Hashes) -> npt.NDArray[np.int64]:
        """In how many texts that are still here each feature is."""
        first, last = self.find(features)
        many = last - first
        if self.fewer is not None:
            place = np.searchsorted(self.features, features)
            place[place == len(self.features)] = 0
            many = many - np.where(many > 0, self.fewer[place], 0)
        return many

    def holding(self, place: int, features: Hashes) -> npt.NDArray[np.bool_]:
        """Which of the features the text at `place` has."""
        spans = zip(*self.find(features), strict=True)
        return np.array([place in self.texts[first:last] for first, last in spans], np.bool_)


def build(entries: Sequence[Entry]) -> Segment:
    """A segment of `entries`, each id once."""
    sizes = [len(one.features) for one in entries]
    pairs = np.concatenate([one.features for one in entries]) if entries else np.empty(0, np.uint64)
    vectors = (
        np.stack([one.vector for one in entries if one.vector is not None])
        if entries and entries[0].vector is not None
        else None
    )
    return _sorted(
        [one.id for one in entries],
        pairs,
        np.repeat(np.arange(len(entries), dtype=np.int32), sizes),
        np.array([one.counts for one in entries], np.int32).reshape(-1, KINDS),
        np.array([one.key for one in entries], np.uint64),
        np.array([one.language for one in entries], np.int8),
        vectors,
    )


def merge(segments: Sequence[Segment]) -> Segment:
    """One segment of what is left in several."""
    ids: list[Id] = []
    features, texts = [], []
    for one in segments:
        place = np.cumsum(~one.removed, dtype=np.int64) - 1 + len(ids)
        kept = ~one.removed[one.texts]
        features.append(np.repeat(one.features, np.diff(one.starts))[kept])
        texts.append(place[one.texts[kept]].astype(np.int32))
        ids += [id for id, gone in zip(one.ids, one.removed, strict=True) if not gone]
    left = [~one.removed for one in segments]
    vectors = [one.vectors[keep] for one, keep in zip(segments, left, strict=True) if one.vectors is not None]
    return _sorted(
        ids,
        np.concatenate(features),
        np.concatenate(texts),
        np.concatenate([one.counts[keep] for one, keep in zip(segments, left, strict=True)]),
        np.concatenate([one.keys[keep] for one, keep in zip(segments, left, strict=True)]),
        np.concatenate([one.languages[keep] for one, keep in zip(segments, left, strict=True)]),
        np.concatenate(vectors) if vectors else None,
    )


def _sorted(
    ids: list[Id],
    features: Hashes,
    texts: npt.NDArray[np.int32],
    counts: npt.NDArray[np.int32],
    keys: Hashes,
    languages: npt.NDArray[np.int8],
    vectors: Floats | None,
) -> Segment:
    order = np.argsort(features, kind="stable")
    distinct, starts = np.unique(features[order], return_index=True)
    ends = np.append(starts, len(features)).astype(np.int64)
    return Segment(ids, distinct, ends, texts[order], counts, keys, languages, vectors)
