"""The tests' settings with the sign-on extra switched on."""

import os

from tests import settings as tested  # makes the folders, and forgets this machine's environment first

os.environ |= {
    "WINNOW_SIGNON": "on",
    "WINNOW_OIDC_URL": "http://127.0.0.1:9",  # each test that signs on puts its own provider's here
    "WINNOW_OIDC_CLIENT_ID": "winnow",
    "WINNOW_OIDC_CLIENT_SECRET": "a-secret-of-the-sign-on",
    "WINNOW_OIDC_NAME": "Rowanbridge ID",
}

import importlib

import config.settings

importlib.reload(config.settings)

from config.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = tested.PASSWORD_HASHERS
