"""The backup as a file: a compressed tar whose last two members say what must be in it. Pure: no Django.

database/winnow.dump or database/winnow.sqlite3
media/…  uploads/…  archive/…  register/…
manifest.json     versions, row counts, and size and SHA-256 of every member above
manifest.hmac     the manifest's HMAC under a key that is not in the file
"""

import gzip
import hashlib
import hmac
import io
import json
import shutil
import tarfile
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any, BinaryIO

FORMAT = 1
MANIFEST = "manifest.json"
SEAL = "manifest.hmac"
_CHUNK = 1 << 20
_LARGEST_MANIFEST = 1 << 28
"""Bytes. A line of 150 for each photo of two million; what is larger would only fill the memory."""


class Broken(Exception):  # noqa: N818 - it is said as a sentence
    """A backup that cannot be used. The text says why, and what to do where something can be done."""


class Writer:
    """Adds members one after another, each in constant memory, and closes with the manifest."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self.parts: dict[str, dict[str, Any]] = {}

    def add(self, name: str, path: Path) -> None:
        """Adds the file at `path`. One that changes its size meanwhile is an error, never half a member."""
        with path.open("rb") as file:
            info = tarfile.TarInfo(name)
            info.size = path.stat().st_size
            info.mtime = int(path.stat().st_mtime)
            info.mode = 0o600
            hashed = _Hashed(file)
            self._tar.addfile(info, hashed)
        self.parts[name] = {"bytes": info.size, "sha256": hashed.digest.hexdigest()}

    def close(self, facts: dict[str, Any], key: str) -> dict[str, Any]:
        """Writes the manifest, `facts` with the parts, and its seal; gives the manifest."""
        manifest = {"format": FORMAT, **facts, "parts": self.parts}
        text = json.dumps(manifest, indent=1, sort_keys=True).encode()
        for name, content in ((MANIFEST, text), (SEAL, seal(text, key).encode())):
            info = tarfile.TarInfo(name)
            info.size, info.mtime, info.mode = len(content), int(time.time()), 0o600
            self._tar.addfile(info, io.BytesIO(content))
        return manifest


class _Hashed:
    """A file that is hashed while it is read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.digest.update(data)
        return data


def seal(manifest: bytes, key: str) -> str:
    return hmac.new(key.encode(), b"winnow backup\x1f" + manifest, hashlib.sha256).hexdigest()


@contextmanager
def writing(file: BinaryIO) -> Iterator[Writer]:
    """A writer into the open `file`."""
    with tarfile.open(fileobj=file, mode="w:gz", compresslevel=6, format=tarfile.PAX_FORMAT) as tar:
        yield Writer(tar)


@contextmanager
def _opened(file: BinaryIO) -> Iterator[Iterator[tuple[tarfile.TarInfo, IO[bytes]]]]:
    """The regular files in the bundle, in order; to its very end, where gzip keeps its own check sum."""
    file.seek(0)
    try:
        with gzip.GzipFile(fileobj=file) as plain:
            with tarfile.open(fileobj=plain, mode="r|") as tar:
                yield _members(tar)
            while plain.read(_CHUNK):
                pass
    except (tarfile.TarError, EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise Broken(
            "This file is no whole backup: it ends early or is damaged. Take another copy or an older one."
        ) from error


def _members(tar: tarfile.TarFile) -> Iterator[tuple[tarfile.TarInfo, IO[bytes]]]:
    for info in tar:
        content = tar.extractfile(info) if info.isreg() and _safe(info.name) else None
        if content is None:
            raise Broken(f"This backup holds something that no backup holds: {info.name[:80]!r}.")
        yield info, content


def _safe(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and "\\" not in name


def verify(file: BinaryIO) -> tuple[dict[str, Any], bytes, str]:
    """Reads the whole bundle and compares every part with the manifest.

    Gives the manifest, its bytes and the seal; whether the seal is right only who has the key can tell.
    Raises Broken.
    """
    found: dict[str, dict[str, Any]] = {}
    special: dict[str, bytes] = {}
    with _opened(file) as members:
        for info, content in members:
            if info.name in found or info.name in special:
                raise Broken(f"{info.name} is in this backup twice.")
            if info.name in (MANIFEST, SEAL):
                if info.size > _LARGEST_MANIFEST:
                    raise Broken(f"{info.name} is too large to be what its name says.")
                special[info.name] = content.read()
            else:
                found[info.name] = _measured(content)
    manifest = _read_manifest(special)
    _compare(manifest["parts"], found)
    return manifest, special[MANIFEST], special.get(SEAL, b"").decode(errors="replace")


def _measured(content: IO[bytes]) -> dict[str, Any]:
    digest, size = hashlib.sha256(), 0
    while chunk := content.read(_CHUNK):
        digest.update(chunk)
        size += len(chunk)
    return {"bytes": size, "sha256": digest.hexdigest()}


def _read_manifest(special: dict[str, bytes]) -> dict[str, Any]:
    if MANIFEST not in special:
        raise Broken("This file has no manifest at its end: it is no backup of Winnow, or only part of one.")
    try:
        manifest = json.loads(special[MANIFEST])
        version, _parts = manifest["format"], manifest["parts"].items()
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Broken("This backup's manifest cannot be read.") from error
    if version != FORMAT:
        raise Broken(
            f"This backup has format {version}; this Winnow reads {FORMAT}. Use the one that wrote it."
        )
    assert isinstance(manifest, dict)
    return manifest


def _compare(expected: dict[str, Any], found: dict[str, Any]) -> None:
    for name in sorted({*expected, *found}):
        if name not in found:
            raise Broken(f"{name} is missing from this backup.")
        if name not in expected:
            raise Broken(f"{name} is in this backup, but its manifest does not know it.")
        if expected[name] != found[name]:
            raise Broken(f"{name} is not what the manifest says: damaged or changed since it was written.")


def unpack(file: BinaryIO, folder: Path) -> None:
    """Writes every part under `folder`. Verify first: this only guards against names that lead elsewhere."""
    with _opened(file) as members:
        for info, content in members:
            target = folder / info.name
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with target.open("wb") as out:
                shutil.copyfileobj(content, out, _CHUNK)
