"""The sign-on extra: its own tests with its settings, and an installation that does not have it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WITHOUT = """
import sys
sys.modules |= dict.fromkeys(["allauth", "fido2", "qrcode", "jwt", "cryptography", "requests"])
"""


def run(code: str, folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("WINNOW_", "DJANGO_"))}
    kept.pop("DATABASE_URL", None)
    kept |= {"WINNOW_VAR": str(folder), "WINNOW_ENV_FILE": os.devnull}
    kept |= {"DJANGO_SETTINGS_MODULE": "config.settings"}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={**kept, **environ}, capture_output=True, text=True
    )


def test_the_extra_does_what_it_says(tmp_path: Path) -> None:
    """The tests in tests/signon, with the extra switched on."""
    pytest.importorskip("allauth")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("WINNOW_", "PYTEST_"))}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--ds=tests.signon.settings"]
    done = subprocess.run([*command, "tests/signon"], cwd=ROOT, env=kept, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def test_without_the_packages_winnow_starts_as_before(tmp_path: Path) -> None:
    code = WITHOUT + (
        "import django; django.setup()\n"
        "from django.core.management import call_command\n"
        "from django.urls import reverse, NoReverseMatch\n"
        "call_command('check')\n"
        "print(reverse('admin:login'))\n"
    )
    done = run(code, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("/admin/login/\n")


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"WINNOW_SIGNON": "on"}, "requirements/signon.txt"),
        ({"WINNOW_REQUIRE_SECOND_FACTOR": "on"}, "WINNOW_SIGNON=on as well"),
        ({"WINNOW_OIDC_URL": "https://login.city.example"}, "WINNOW_SIGNON=on as well"),
    ],
)
def test_what_is_asked_for_and_not_there_is_said_at_the_start(
    tmp_path: Path, environ: dict[str, str], told: str
) -> None:
    done = run(WITHOUT + "import django; django.setup()", tmp_path, **environ)
    assert done.returncode != 0
    assert told in done.stderr


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"WINNOW_OIDC_URL": "https://login.city.example"}, "WINNOW_OIDC_CLIENT_ID"),
        (
            {
                "WINNOW_OIDC_URL": "http://login.city.example",
                "WINNOW_OIDC_CLIENT_ID": "a",
                "WINNOW_OIDC_CLIENT_SECRET": "b",
            },
            "https://",
        ),
    ],
)
def test_a_sign_on_is_whole_and_over_https(tmp_path: Path, environ: dict[str, str], told: str) -> None:
    done = run("import django; django.setup()", tmp_path, WINNOW_SIGNON="on", **environ)
    assert told in done.stderr
