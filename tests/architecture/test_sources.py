"""What import contracts cannot see: strings, templates, and things done by stealth."""

import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
CODE = ("config", "engagement", "prioritisation")


def files(*folders: str, suffixes: tuple[str, ...] = (".py",)) -> Iterator[Path]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix in suffixes and "__pycache__" not in path.parts:
                yield path


def found(pattern: str, paths: Iterator[Path], flags: int = re.IGNORECASE) -> list[str]:
    """Each place where `pattern` stands, as file:line text."""
    expression = re.compile(pattern, flags)
    places = []
    for path in paths:
        text = path.read_text(encoding="utf-8")
        for match in expression.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            places.append(f"{path.relative_to(ROOT)}:{line} {match.group()[:80]}")
    return places


def test_intake_never_names_the_funnel() -> None:
    everything = (".py", ".html", ".txt", ".toml", ".js", ".css")
    assert found(r"prioritisation", files("engagement", "templates/engagement", suffixes=everything)) == []


def test_intakes_templates_and_migrations_are_its_own() -> None:
    loaded = found(
        r"{%\s*(?:extends|include)\s+[\"'](?:prioritisation|charts)/", files("templates", suffixes=(".html",))
    )
    assert [place for place in loaded if place.startswith("templates/engagement")] == []
    assert found(r"\(\s*[\"']prioritisation[\"']\s*,", files("engagement/migrations")) == []


def test_fields_are_always_named() -> None:
    assert found(r"fields\s*=\s*\(?[\"']__all__", files(*CODE)) == []
    assert found(r"^\s+exclude\s*=\s*[\[(]", files(*CODE), re.MULTILINE) == []


def test_nothing_is_done_by_signals() -> None:
    signals = (
        r"django\.(?:db\.models|core|contrib\.auth|test|db\.backends)\.?signals|@receiver|dispatch import"
    )
    assert found(signals, files(*CODE)) == []


def test_there_are_no_drawers_for_everything() -> None:
    names = {path.stem for path in files(*CODE)} | {path.parent.name for path in files(*CODE)}
    assert names & {"utils", "util", "helpers", "common", "misc"} == set()


def test_templates_hold_no_script_and_no_style() -> None:
    inline = (
        r"<script(?![^>]*\bsrc=)[^>]*>(?!\s*</script>)"
        r"|<style\b|\sstyle\s*=\s*[\"'{]|\son[a-z]+\s*=\s*[\"']|javascript:"
    )
    data_only = re.compile(r"<script type=.application/(?:json|ld\+json)")
    places = list(found(inline, files("templates", suffixes=(".html", ".txt", ".svg"))))
    assert [place for place in places if not data_only.search(place)] == []


def test_pages_ask_nothing_of_other_hosts() -> None:
    here = files("templates", "static", suffixes=(".html", ".css", ".js", ".svg", ".txt"))
    places = found(r"(?:https?:)?//[a-z0-9-]+(?:\.[a-z0-9-]+)+[^\s\"'<>)]*", here)
    allowed = re.compile(r"http://www\.w3\.org/(?:2000/svg|1999/xlink)")
    assert [place for place in places if not allowed.search(place)] == []


def test_the_code_makes_no_calls_to_other_hosts() -> None:
    assert (
        found(r"^\s*(?:import|from)\s+(?:requests|httpx|urllib\.request|aiohttp)\b", files(*CODE), re.M) == []
    )


@pytest.mark.parametrize("lock", ["base.txt", "signon.txt", "similar.txt", "dev.txt"])
def test_locks_name_no_address_and_every_package_has_its_hashes(lock: str) -> None:
    text = (ROOT / "requirements" / lock).read_text()
    assert "://" not in text
    assert "--index-url" not in text
    assert "--find-links" not in text
    blocks = [block for block in re.split(r"\n(?=\S)", text) if re.match(r"[a-z0-9]", block)]
    assert len(blocks) > 40
    for block in blocks:
        assert re.match(r"[a-z0-9._-]+(?:\[[a-z,-]+\])?==\S+", block), block.splitlines()[0]
        assert "--hash=sha256:" in block, block.splitlines()[0]


def pins(lock: str) -> set[str]:
    text = (ROOT / "requirements" / lock).read_text()
    return {line.rstrip(" \\") for line in text.splitlines() if re.match(r"[a-z0-9._-]+==", line)}


def test_tests_run_on_the_very_packages_that_a_city_runs() -> None:
    assert pins("base.txt") <= pins("signon.txt") <= pins("dev.txt")
    assert pins("base.txt") <= pins("similar.txt") <= pins("dev.txt")


def test_every_module_has_its_layer() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(one["layers"] for one in contracts if one.get("containers"))
    named = set(re.findall(r"\w+", " ".join(layers)))
    for app in ("engagement", "prioritisation"):
        there = {path.stem for path in (ROOT / app).glob("*.py")} | {
            path.parent.name for path in (ROOT / app).glob("*/__init__.py")
        }
        assert there - {"__init__", "apps", "migrations"} <= named, app


def test_no_generated_file_is_kept() -> None:
    kept = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    pattern = re.compile(r"(?:\.mo|\.pyc|\.sqlite3|uv\.lock|pylock.*)$")
    assert [path for path in kept.splitlines() if pattern.search(path)] == []


def test_no_merge_was_left_half_done() -> None:
    kept = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    texts = (
        ROOT / path for path in kept.splitlines() if path.endswith((".py", ".md", ".html", ".po", ".yml"))
    )
    assert found(r"^(?:<{7}|>{7}) ", (path for path in texts if path.is_file()), re.MULTILINE) == []
