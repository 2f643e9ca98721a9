"""How tests open the pages of staff and read them."""

import re
from typing import Any

from django.test import Client
from django.urls import reverse

from engagement.models import User


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def address(name: str, record: Any, *args: Any) -> str:
    """The page of this name of prioritisation's, of one record."""
    return reverse(f"admin:prioritisation_{name}", args=(record.pk, *args))


def words(answer: Any) -> str:
    """What stands on the page, without the markup."""
    text = re.sub(r"<[^>]+>", " ", answer.content.decode().partition("<main")[2])
    return " ".join(text.split())
