"""A city's own settings, with the bare pages' addresses and template on top."""

from pathlib import Path

from config.settings import *  # noqa: F403
from config.settings import TEMPLATES

ROOT_URLCONF = "benchmarks.bare.urls"
TEMPLATES[0]["DIRS"] += [Path(__file__).parent / "templates"]
