"""Translations: .po files, which people edit, compiled to .mo files, which Django reads.

polib does it, so that no machine needs gettext.
"""

import os
from pathlib import Path

import polib


def stale(locale: Path) -> list[Path]:
    """The .po files under `locale` without a .mo file as new as they are."""
    return [
        source
        for source in sorted(locale.glob("*/LC_MESSAGES/*.po"))
        if not (target := source.with_suffix(".mo")).exists()
        or target.stat().st_mtime < source.stat().st_mtime
    ]


def compile_stale(locale: Path) -> list[Path]:
    """Compiles what is stale under `locale`; gives the .po files compiled.

    Each .mo file appears whole: several processes may do this at once.
    """
    sources = stale(locale)
    for source in sources:
        target = source.with_suffix(".mo")
        draft = target.with_suffix(f".{os.getpid()}")
        polib.pofile(str(source)).save_as_mofile(str(draft))
        draft.replace(target)
    return sources
