"""Settings are written only where a file of settings can be."""

import os
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from config import envfile
from config.env import SettingError


def test_what_is_no_plain_file_is_never_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As root it would be: a pipe here, /dev/null for a whole machine elsewhere."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(SettingError, match="no plain file"):
        envfile.write(pipe, {"WINNOW_CITY_NAME": "Example"})
    monkeypatch.setenv("WINNOW_ENV_FILE", str(pipe))
    with pytest.raises(CommandError, match="Set WINNOW_ENV_FILE"):
        call_command("setup_city", "--name", "Example", "--administrator", "a", "--email", "a@city.example")
    assert pipe.is_fifo()
