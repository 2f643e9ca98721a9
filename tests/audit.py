"""Are the packages that the lock files name fit to run a city's site? Answers without asking any network.

    python tests/audit.py                               every lock: pinned, hashed, and which licence
    ADVISORIES=path python tests/audit.py               also against advisories in OSV's format

`path` is a folder, a zip file or one JSON file: what https://osv.dev gives out for PyPI, fetched on another
machine. Prints a table, then what is wrong; ends with 1 when something is.
"""

import json
import os
import re
import sys
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("base.txt", "signon.txt", "similar.txt", "dev.txt")

ALLOWED = (
    *("Apache", "BSD", "MIT", "ISC", "PSF", "Python Software Foundation", "Python-2.0", "HPND", "Unlicense"),
    *("MPL", "Mozilla Public License", "CC0", "CNRI", "Zlib", "Historical Permission Notice", "0BSD", "ZPL"),
    "Public Domain",
)
"""Words of licences under which a package may be used and passed on with Winnow (Apache 2.0)."""
FORBIDDEN = re.compile(r"\b(AGPL|Affero|GPL|GNU General)", re.IGNORECASE)
LESSER = {
    "psycopg": "LGPL 3: used as it is, replaceable",
    "psycopg-binary": "LGPL 3: used as it is, replaceable",
}
"""Packages under the LGPL, each looked at: linked at run time, never changed, never copied in."""
LOOKED_AT = {"axe-playwright-python": "MIT: its licence file"}
"""Packages whose metadata names no licence, with what their files say."""

_PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==([^\s;\\]+)")


@dataclass(frozen=True)
class Pin:
    """One line of a lock: `name==version`, how many hashes stand under it."""

    name: str
    version: str
    hashes: int


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def read_lock(text: str) -> tuple[list[Pin], list[str]]:
    """The pins of a lock file, and what in it is none: an open version, an address, a package unhashed."""
    pins, faults = [], []
    joined = re.sub(r"\\\s*\n\s*", " ", re.sub(r"(?m)^\s*#.*\n?", "", text))
    for line in filter(None, (part.strip() for part in joined.splitlines())):
        match = _PIN.match(line)
        if match is None:
            faults.append(f"not pinned: {line[:70]}")
            continue
        pin = Pin(normal(match[1]), match[2], line.count("--hash=sha256:"))
        pins.append(pin)
        if not pin.hashes:
            faults.append(f"no hash: {pin.name}=={pin.version}")
    return pins, faults


def licence_of(meta: Any) -> str:
    """What a package says of its licence, on one line; empty when nothing."""
    said = [meta.get("License-Expression") or ""]
    said += [one.rpartition("::")[2].strip() for one in meta.get_all("Classifier", []) if "License ::" in one]
    said.append((meta.get("License") or "").strip().partition("\n")[0][:60])
    return next((one for one in said if one and one.lower() != "unknown"), "")


def licence_fault(name: str, licence: str) -> str | None:
    """Why a package may not be used, or nothing."""
    lesser = re.search(r"LGPL|Lesser", licence, re.IGNORECASE)
    if lesser:
        return None if name in LESSER else f"{name}: {licence} is not on the list of LGPL packages"
    if FORBIDDEN.search(licence):
        return f"{name}: {licence} is not allowed"
    if any(word.lower() in licence.lower() for word in ALLOWED) or name in LOOKED_AT:
        return None
    return f"{name}: {licence or 'no licence'} is not on the list"


def read_advisories(path: Path) -> Iterator[dict[str, Any]]:
    """Advisories in OSV's format out of a folder, a zip file or one file; other JSON is passed over."""
    for text in _texts(path):
        try:
            found = json.loads(text)
        except ValueError:
            continue
        for one in found if isinstance(found, list) else [found]:
            if isinstance(one, dict) and isinstance(one.get("affected"), list) and not one.get("withdrawn"):
                yield one


def _texts(path: Path) -> Iterator[str]:
    if path.is_dir():
        for file in sorted(path.rglob("*.json")):
            yield file.read_text(encoding="utf-8")
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for name in sorted(archive.namelist()):
                if name.endswith(".json"):
                    yield archive.read(name).decode("utf-8")
    else:
        yield path.read_text(encoding="utf-8")


def affects(advisory: dict[str, Any], pin: Pin) -> bool:
    """Is this version among those that the advisory names, one by one or as ranges?"""
    return any(
        _touches(part, pin)
        for part in advisory["affected"]
        if part.get("package", {}).get("ecosystem") == "PyPI"
        and normal(part["package"].get("name", "")) == pin.name
    )


def _touches(part: dict[str, Any], pin: Pin) -> bool:
    if pin.version in part.get("versions", []):
        return True
    ranges = [one for one in part.get("ranges", []) if one.get("type") in {"ECOSYSTEM", "SEMVER"}]
    return any(_within(one.get("events", []), Version(pin.version)) for one in ranges)


def _within(events: list[dict[str, str]], version: Version) -> bool:
    """OSV's rule: events in order of version, each switches "affected" on or off."""
    inside = False
    for event in events:
        kind, value = next(iter(event.items()))
        try:
            at = Version("0" if value == "0" else value)
        except InvalidVersion:
            continue
        if kind == "introduced" and version >= at:
            inside = True
        elif (kind == "fixed" and version >= at) or (kind == "last_affected" and version > at):
            inside = False
    return inside


def _python_fits(meta: Any) -> str | None:
    wanted = meta.get("Requires-Python")
    try:
        fits = not wanted or SpecifierSet(wanted).contains("3.11.9")
    except InvalidSpecifier:
        fits = True
    return None if fits else f"{meta['Name']} does not run on Python 3.11 ({wanted})"


def audit(locks: Iterable[Path], advisories: Path | None) -> tuple[list[str], list[str]]:
    """Lines of the table, and the faults."""
    known = list(read_advisories(advisories)) if advisories else []
    rows, faults, seen = [], [], set()
    for lock in locks:
        pins, wrong = read_lock(lock.read_text(encoding="utf-8"))
        faults += [f"{lock.name}: {one}" for one in wrong]
        for pin in pins:
            if pin in seen:
                continue
            seen.add(pin)
            hits = [str(one.get("id", "?")) for one in known if affects(one, pin)]
            faults += [f"{pin.name} {pin.version}: {one}" for one in hits]
            licence, wrong_licence = _licence(pin)
            faults += wrong_licence
            rows.append(_row(pin.name, pin.version, str(pin.hashes), licence, " ".join(hits)))
    return rows, faults


def _row(name: str, version: str, hashes: str, licence: str, advisories: str) -> str:
    return f"{name:<34} {version:<14} {hashes:>4}  {licence[:40]:<40} {advisories}"


def _licence(pin: Pin) -> tuple[str, list[str]]:
    try:
        meta = metadata.metadata(pin.name)
    except metadata.PackageNotFoundError:
        return "(not installed here)", []
    licence = licence_of(meta)
    found = (licence_fault(pin.name, licence), _python_fits(meta))
    return LOOKED_AT.get(pin.name) or licence, [fault for fault in found if fault]


def main() -> int:
    given = os.environ.get("ADVISORIES")
    if given and not Path(given).exists():
        print(f"ADVISORIES={given}: there is no such file or folder.")
        return 1
    rows, faults = audit([ROOT / "requirements" / lock for lock in LOCKS], Path(given) if given else None)
    print(_row("package", "version", "hash", "licence", "advisories"))
    print("\n".join(sorted(rows)))
    checked = f"advisories from {given}" if given else "no advisories given: set ADVISORIES"
    print(f"\n{len(rows)} packages; {checked}; {len(faults)} faults")
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
