"""The keys: never in the backup. Who has the one without the other has neither links nor addresses to use.

The backup bears their fingerprints and is sealed with one of them, so that a restore knows whether it has the
right ones and whether somebody else wrote the file.
"""

import hashlib
import hmac
import os
from pathlib import Path

from django.conf import settings

from config.backups.bundle import Broken, seal
from config.env import Env, read_env_file
from engagement.tables.writing import atomically

NAMES = ("WINNOW_SECRET_KEY", "WINNOW_LINK_KEY")


def current() -> dict[str, str]:
    return {"WINNOW_SECRET_KEY": settings.SECRET_KEY, "WINNOW_LINK_KEY": settings.WINNOW_LINK_KEY}


def fingerprint(key: str) -> str:
    """16 characters by which a key is known without being told."""
    return hmac.new(key.encode(), b"winnow fingerprint", hashlib.sha256).hexdigest()[:16]


def fingerprints(keys: dict[str, str]) -> dict[str, str]:
    return {name: fingerprint(key) for name, key in keys.items()}


def write(path: Path) -> None:
    """Writes the keys as lines of a `.env` file that only its owner may read. Never overwrites other keys."""
    if path.exists() and read(path) != current():
        raise Broken(
            f"{path} holds other keys. Name another file: without these, an older backup is useless."
        )
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with atomically(path) as file:
        file.write("".join(f"{name}={key}\n" for name, key in current().items()).encode())


def read(path: Path) -> dict[str, str]:
    """The keys in a file that `write` wrote."""
    found = read_env_file(path)
    if missing := [name for name in NAMES if not found.get(name)]:
        raise Broken(f"{path} is no file with keys: {missing[0]} is not in it.")
    return {name: found[name] for name in NAMES}


def install(keys: dict[str, str], env: Env) -> list[str]:
    """Puts keys where the next start finds them; gives the names of those that the environment sets to
    another value, which somebody has to change there."""
    elsewhere = []
    for name, key in keys.items():
        if env.given(name):
            if env.text(name) != key:
                elsewhere.append(name)
            continue
        path = Path(settings.VAR) / f"{name.lower()}.key"
        with atomically(path) as file:
            file.write(key.encode())
        os.chmod(path, 0o600)
    return elsewhere


def check(manifest: dict[str, dict[str, str]], text: bytes, given_seal: str, keys: dict[str, str]) -> None:
    """Raises Broken where these are not the keys of the backup, or the seal is not theirs."""
    link = keys["WINNOW_LINK_KEY"]
    if manifest["keys"]["WINNOW_LINK_KEY"] != fingerprint(link):
        raise Broken(
            "This backup belongs to other keys than the ones here: every private link in it would be dead. "
            "Name the file with its keys (--keys FILE), or accept that with --other-keys."
        )
    if not hmac.compare_digest(seal(text, link), given_seal):
        raise Broken("The manifest's seal is wrong: this backup was changed by somebody without the keys.")
