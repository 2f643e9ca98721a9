"""A segment as files that never change, and a small one, `index.json`, that says which are the newest.

The small one is renamed into place last. A reader that has the earlier files mapped keeps them: they are
removed when the generation after the next is written, and what is mapped stays readable even then.
"""

import json
import os
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from engagement.similarity.postings import KINDS, Segment

POINTER = "index.json"
FORM = 1
"""Changes with what is stored and with how texts are taken apart: an index of another form is made anew."""
_ARRAYS = {"features": "u8", "starts": "i8", "texts": "i4", "counts": "i4", "keys": "u8", "languages": "i1"}
_ORPHANED = 24 * 3600.0


class Unreadable(ValueError):  # noqa: N818
    """There is no whole index in this folder that this version can use: make it anew from the texts."""


@dataclass(frozen=True)
class Saved:
    segment: Segment
    backend: Literal["lexical", "semantic"]
    model: str
    generation: str


def write(folder: Path, segment: Segment, backend: str, model: str) -> str:
    """Writes a new generation and makes it the newest; gives its name."""
    folder.mkdir(parents=True, exist_ok=True)
    generation = f"{time.time_ns():x}-{secrets.token_hex(3)}"
    for name in _ARRAYS:
        _write_array(folder / f"{generation}.{name}.npy", getattr(segment, name))
    if segment.vectors is not None:
        _write_array(folder / f"{generation}.vectors.npy", segment.vectors)
    _write_text(folder / f"{generation}.ids.json", json.dumps(_plain(segment.ids)))
    before = newest(folder)
    said = {"form": FORM, "generation": generation, "backend": backend, "model": model, "texts": len(segment)}
    waiting = folder / f"{generation}.{POINTER}"
    _write_text(waiting, json.dumps(said))
    os.replace(waiting, folder / POINTER)
    _sweep(folder, {generation, before})
    return generation


def newest(folder: Path) -> str:
    """The name of the newest generation, "" when there is none: cheap enough to ask before every search."""
    try:
        return str(json.loads((folder / POINTER).read_text("utf-8"))["generation"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def read(folder: Path) -> Saved:
    """The newest generation, its arrays mapped."""
    for last_try in (False, True):
        try:
            return _read(folder)
        except FileNotFoundError as error:
            # Two generations may have been written since the small file was read.
            if last_try:
                raise Unreadable(f"{folder}: {error}") from error
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Unreadable(f"{folder}: {error}") from error
    raise AssertionError


def _read(folder: Path) -> Saved:
    said = json.loads((folder / POINTER).read_text("utf-8"))
    if said["form"] != FORM:
        raise Unreadable(f"form {said['form']}, this is {FORM}")
    generation, backend = str(said["generation"]), said["backend"]
    if backend not in ("lexical", "semantic") or Path(generation).name != generation:
        raise Unreadable("not an index")
    arrays = {name: _map(folder / f"{generation}.{name}.npy", kind) for name, kind in _ARRAYS.items()}
    vectors = (
        _map(folder / f"{generation}.vectors.npy", "f4") if backend == "semantic" and said["texts"] else None
    )
    ids = json.loads((folder / f"{generation}.ids.json").read_text("utf-8"))
    sizes = {len(ids), len(arrays["counts"]), len(arrays["keys"]), len(arrays["languages"]), said["texts"]}
    if vectors is not None:
        sizes.add(len(vectors))
    whole = len(arrays["starts"]) == len(arrays["features"]) + 1 and arrays["starts"][-1] == len(
        arrays["texts"]
    )
    if len(sizes) > 1 or not whole or arrays["counts"].shape[1:] != (KINDS,):
        raise Unreadable("the files do not belong together")
    return Saved(Segment(ids=ids, vectors=vectors, **arrays), backend, str(said["model"]), generation)


def _map(path: Path, kind: str) -> Any:
    """The array of a file, mapped; as a plain array, whose slices are cheap."""
    found = np.load(path, mmap_mode="r", allow_pickle=False)
    if found.dtype != np.dtype(kind):
        raise Unreadable(f"{path.name} holds {found.dtype}")
    return found.view(np.ndarray)


def _write_array(path: Path, array: Any) -> None:
    with path.open("wb") as file:
        np.save(file, np.ascontiguousarray(array), allow_pickle=False)
        file.flush()
        os.fsync(file.fileno())


def _write_text(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _plain(ids: list[Any]) -> list[Any]:
    wrong = next((one for one in ids if type(one) not in (int, str)), None)
    if wrong is not None:
        raise TypeError(f"an id that is saved is a whole number or text, not {wrong!r}")
    return ids


def _sweep(folder: Path, kept: set[str]) -> None:
    """Removes generations before the last two, and what a writer that was killed left a day ago."""
    now = time.time()
    for path in folder.glob("*-*.*"):
        generation = path.name.partition(".")[0]
        with suppress(OSError):
            old = now - path.stat().st_mtime > _ORPHANED
            if generation not in kept and (old or generation < min(kept - {""})):
                path.unlink()
