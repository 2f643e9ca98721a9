#!/usr/bin/env python
"""Winnow's command line."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError as error:
        raise SystemExit("Django is not installed here: run `make run`, or activate .venv first.") from error
    from config.env import SettingError

    try:
        execute_from_command_line(sys.argv)
    except SettingError as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
