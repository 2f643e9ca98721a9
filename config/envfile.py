"""Writes settings into a `.env` file without losing what else stands in it. Pure: no Django."""

from collections.abc import Mapping
from pathlib import Path

from config.env import SettingError, read_env_file


def check(values: Mapping[str, str]) -> None:
    """Raises SettingError for a value that a line of the file cannot hold."""
    for name, value in values.items():
        if not value.isprintable() or value.strip("\"' ") != value:
            raise SettingError(f"{name}: quotes or spaces at its ends, or line breaks, can't be kept")


def check_place(path: Path) -> None:
    """Raises SettingError where settings cannot be kept: replacing a device such as /dev/null would take it
    away from the whole machine."""
    if path.exists() and not path.is_file():
        raise SettingError(f"{path} is no plain file: settings can't be kept there. Set WINNOW_ENV_FILE.")


def differing(path: Path, values: Mapping[str, str]) -> dict[str, str]:
    """Those of `values` for which the file says something else now: what it says."""
    there = read_env_file(path)
    return {name: there[name] for name, value in values.items() if there.get(name, value) != value}


def write(path: Path, values: Mapping[str, str]) -> list[str]:
    """Sets `values` in the file at `path`, in place or at its end; gives the names that were changed.

    Comments, order and other settings stay. The file appears whole and only its owner may read it.
    """
    check(values)
    check_place(path)
    there = read_env_file(path)
    changed = [name for name, value in values.items() if there.get(name) != value]
    if not changed:
        return []
    left = {name: values[name] for name in changed}
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    for number, line in enumerate(lines):
        name = line.partition("=")[0].strip()
        if name in left:
            lines[number] = f"{name}={_quoted(left.pop(name))}"
    lines += [f"{name}={_quoted(value)}" for name, value in left.items()]
    draft = path.with_name(f".{path.name}.new")
    draft.touch(mode=0o600)
    draft.write_text("\n".join(lines) + "\n", encoding="utf-8")
    draft.replace(path)
    return changed


def _quoted(value: str) -> str:
    plain = value and all(character.isalnum() or character in "-_./:@,+" for character in value)
    return value if plain else f'"{value}"'
