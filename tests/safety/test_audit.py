"""The audit of the locked packages: what it lets through, and what it must not."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.audit import LOCKS, ROOT, Pin, affects, audit, licence_fault, read_advisories, read_lock

HASH = "--hash=sha256:" + "0" * 64


def advisory(name: str, *events: dict[str, str], **more: Any) -> dict[str, Any]:
    ranges = [{"type": "ECOSYSTEM", "events": list(events)}]
    affected = {"package": {"ecosystem": "PyPI", "name": name}, "ranges": ranges, **more}
    return {"id": "INVENTED-1", "affected": [affected]}


def test_the_locks_of_this_project_are_clean() -> None:
    rows, faults = audit([ROOT / "requirements" / lock for lock in LOCKS], None)
    assert faults == []
    assert len(rows) > 60


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (f"django==5.2 \\\n    {HASH}\n    # via x\n", None),
        (f"psycopg[binary]==3.3 ; python_version < '4' \\\n    {HASH}\n", None),
        ("django==5.2\n", "no hash"),
        (f"django>=5.2 {HASH}\n", "not pinned"),
        (f"django @ https://files.example/django.whl {HASH}\n", "not pinned"),
        ("-r other.txt\n", "not pinned"),
    ],
)
def test_every_package_is_pinned_and_hashed(text: str, fault: str | None) -> None:
    _pins, faults = read_lock(text)
    assert [one.split(":")[0] for one in faults] == ([fault] if fault else [])


@pytest.mark.parametrize(
    ("name", "licence", "fine"),
    [
        ("a", "MIT License", True),
        ("a", "GNU General Public License v3 (GPLv3)", False),
        ("a", "AGPL-3.0-only", False),
        ("a", "LGPL-3.0-only", False),
        ("psycopg", "LGPL-3.0-only", True),
        ("a", "", False),
        ("a", "Proprietary", False),
    ],
)
def test_licences(name: str, licence: str, fine: bool) -> None:
    assert (licence_fault(name, licence) is None) == fine


@pytest.mark.parametrize(
    ("events", "version", "hit"),
    [
        ([{"introduced": "0"}, {"fixed": "2.0"}], "1.9", True),
        ([{"introduced": "0"}, {"fixed": "2.0"}], "2.0", False),
        ([{"introduced": "1.5"}, {"last_affected": "1.9"}], "1.9", True),
        ([{"introduced": "1.5"}, {"last_affected": "1.9"}], "1.9.1", False),
        ([{"introduced": "1.5"}, {"fixed": "1.6"}, {"introduced": "2.0"}], "1.7", False),
        ([{"introduced": "1.5"}, {"fixed": "1.6"}, {"introduced": "2.0"}], "2.1", True),
        ([{"introduced": "0"}], "2.0rc1", True),
    ],
)
def test_versions_within_an_advisory(events: list[dict[str, str]], version: str, hit: bool) -> None:
    assert affects(advisory("An_Invented.Package", *events), Pin("an-invented-package", version, 1)) == hit


def test_versions_named_one_by_one_and_other_packages() -> None:
    one = advisory("tree", versions=["1.0"])
    assert affects(one, Pin("tree", "1.0", 1))
    assert not affects(one, Pin("tree", "1.1", 1))
    assert not affects(one, Pin("other", "1.0", 1))


@pytest.mark.parametrize("kind", ["folder", "zip", "file"])
def test_a_known_weakness_in_a_locked_package_is_a_fault(tmp_path: Path, kind: str) -> None:
    told = json.dumps(advisory("Django", {"introduced": "0"}))
    withdrawn = json.dumps({**advisory("celery", {"introduced": "0"}), "withdrawn": "2026-01-01T00:00:00Z"})
    place = tmp_path / "PyPI"
    if kind == "zip":
        with zipfile.ZipFile(place, "w") as archive:
            archive.writestr("INVENTED-1.json", told)
            archive.writestr("INVENTED-2.json", withdrawn)
            archive.writestr("broken.json", "{")
    elif kind == "folder":
        (place / "a").mkdir(parents=True)
        (place / "a" / "INVENTED-1.json").write_text(told)
        (place / "INVENTED-2.json").write_text(withdrawn)
    else:
        place.write_text(f"[{told},{withdrawn}]")
    assert len(list(read_advisories(place))) == 1
    _rows, faults = audit([ROOT / "requirements" / "base.txt"], place)
    assert len(faults) == 1
    assert faults[0].startswith("django 5.2")
    assert faults[0].endswith("INVENTED-1")
