"""Settings that start but are wrong for a city."""

import smtplib
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings

from config.doctor.finding import Finding, fault, ok, warning

SHORTEST_SECRET = 40
_MAKE_ONE = 'Make one: python3 -c "import secrets; print(secrets.token_urlsafe(50))".'
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def debug() -> Iterator[Finding]:
    if settings.DEBUG:
        yield fault("debug", "WINNOW_DEBUG is on: errors show settings and data.", "Remove WINNOW_DEBUG.")
    else:
        yield ok("debug", "off.")


def secrets() -> Iterator[Finding]:
    keys = {"WINNOW_SECRET_KEY": settings.SECRET_KEY, "WINNOW_LINK_KEY": settings.WINNOW_LINK_KEY}
    weak = [name for name, key in keys.items() if len(key) < SHORTEST_SECRET or len(set(key)) < 10]
    for name in weak:
        careful = " Private links that were sent then stop working." if name == "WINNOW_LINK_KEY" else ""
        yield fault("secrets", f"{name} is short or easy to guess.", f"{_MAKE_ONE}{careful}")
    if len(set(keys.values())) < len(keys):
        yield fault("secrets", "the two keys are the same.", f"Change WINNOW_SECRET_KEY. {_MAKE_ONE}")
    elif not weak:
        yield ok("secrets", "two keys, long and different.")


def address() -> Iterator[Finding]:
    """Where residents reach it, and whether https, host names and proxies fit together."""
    parts = urlsplit(settings.WINNOW_BASE_URL)
    host = parts.hostname or ""
    if host not in LOOPBACK and not _answered(host):
        yield fault(
            "address",
            f"{host} of WINNOW_BASE_URL is not answered.",
            f"Set WINNOW_HOSTS={host}, then restart.",
        )
    elif parts.scheme != "https" and host not in LOOPBACK:
        yield warning(
            "address",
            f"{settings.WINNOW_BASE_URL} is not encrypted.",
            "Put a proxy with https before it, "
            "begin WINNOW_BASE_URL with https:// and set WINNOW_TRUSTED_PROXIES=1.",
        )
    elif parts.scheme == "https" and settings.SECURE_SSL_REDIRECT and not settings.TRUSTED_PROXIES:
        yield fault(
            "address",
            "https is asked for and no proxy is trusted: every page redirects to itself.",
            "Set WINNOW_TRUSTED_PROXIES to the number of your proxies.",
        )
    else:
        yield ok("address", f"{settings.WINNOW_BASE_URL}, {settings.TRUSTED_PROXIES} trusted proxies.")


def _answered(host: str) -> bool:
    return any(
        one in ("*", host) or (one.startswith(".") and f".{host}".endswith(one))
        for one in settings.ALLOWED_HOSTS
    )


def mail_settings() -> Iterator[Finding]:
    """Is there a mail server, does it answer, and whose name do mails bear?"""
    if not settings.EMAIL_HOST:
        if settings.WINNOW_DEMONSTRATION:
            yield ok("mail server", "none: a demonstration writes mails into files.")
        else:
            yield warning("mail server", "none: mails are only written into files.", "Set EMAIL_HOST.")
        return
    if settings.WINNOW_CONTACT_EMAIL.endswith(".example"):
        yield fault(
            "mail server",
            f"mails come from {settings.WINNOW_CONTACT_EMAIL}, which nobody reads.",
            "Set WINNOW_CONTACT_EMAIL to an address of the city.",
        )
    where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    try:
        with smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT, timeout=5) as server:
            server.noop()
    except (OSError, smtplib.SMTPException) as error:
        yield fault(
            "mail server",
            f"{where} does not answer ({type(error).__name__}).",
            "Check EMAIL_HOST, EMAIL_PORT and the firewall. Mails wait and leave when it answers.",
        )
    else:
        yield ok("mail server", f"{where} answers.")
