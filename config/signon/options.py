"""What the settings become with the extra. Pure: no Django."""

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from config.env import SettingError

APPS = [
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]
MIDDLEWARE = [
    "allauth.account.middleware.AccountMiddleware",
    "config.signon.middleware.SignOnAway",
    "config.signon.middleware.RequireSecondFactor",
]


@dataclass(frozen=True)
class OpenID:
    """A city's own sign-on (OpenID Connect): its address, who we are there, what its button says."""

    url: str
    client_id: str
    secret: str
    name: str

    @property
    def origin(self) -> str:
        """For the Content-Security-Policy: a form of ours may lead there."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"


def check(*, signon: bool, second_factor: bool, openid: OpenID) -> None:
    """Raises SettingError for what does not go together."""
    if (second_factor or openid.url) and not signon:
        raise SettingError("WINNOW_REQUIRE_SECOND_FACTOR and WINNOW_OIDC_URL need WINNOW_SIGNON=on as well")
    if signon and (find_spec("allauth") is None or find_spec("fido2") is None):
        raise SettingError(
            "WINNOW_SIGNON=on needs more packages: pip install --require-hashes -r requirements/signon.txt"
        )
    if openid.url and not (openid.client_id and openid.secret):
        raise SettingError("WINNOW_OIDC_URL needs WINNOW_OIDC_CLIENT_ID and WINNOW_OIDC_CLIENT_SECRET")
    if openid.url and urlsplit(openid.url).scheme != "https" and urlsplit(openid.url).hostname != "127.0.0.1":
        raise SettingError(f"WINNOW_OIDC_URL={openid.url}: expected an address that begins with https://")


def options(*, city: str, https: bool, openid: OpenID) -> dict[str, Any]:
    """Settings of django-allauth, by name."""
    app = {
        "provider_id": "city",
        "name": openid.name or city,
        "client_id": openid.client_id,
        "secret": openid.secret,
        "settings": {"server_url": openid.url, "oauth_pkce_enabled": True},
    }
    return {
        "ACCOUNT_ADAPTER": "config.signon.adapters.AccountAdapter",
        "ACCOUNT_LOGIN_METHODS": {"username"},
        "ACCOUNT_SIGNUP_FIELDS": ["username*", "password1*"],
        "ACCOUNT_EMAIL_VERIFICATION": "none",
        "ACCOUNT_SESSION_REMEMBER": True,
        "ACCOUNT_LOGOUT_ON_GET": False,
        "ACCOUNT_RATE_LIMITS": False,  # counted in the database: by axes, and by config.signon.forms
        "MFA_ADAPTER": "config.signon.adapters.SecondFactorAdapter",
        "MFA_FORMS": {
            "authenticate": "config.signon.forms.CountedAuthenticateForm",
            "reauthenticate": "config.signon.forms.CountedReauthenticateForm",
        },
        "MFA_SUPPORTED_TYPES": ["totp", "recovery_codes", "webauthn"],
        "MFA_PASSKEY_LOGIN_ENABLED": True,
        "MFA_ALLOW_UNVERIFIED_EMAIL": True,  # addresses are written by administrators
        "MFA_TOTP_ISSUER": city,
        "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN": not https,
        "MFA_WEBAUTHN_USER_VERIFICATION": "required",
        "SOCIALACCOUNT_ADAPTER": "config.signon.adapters.SignOnAdapter",
        "SOCIALACCOUNT_STORE_TOKENS": False,
        "SOCIALACCOUNT_EMAIL_AUTHENTICATION": False,  # config.signon.adapters links, with more care
        "SOCIALACCOUNT_PROVIDERS": {"openid_connect": {"APPS": [app] if openid.url else []}},
    }
