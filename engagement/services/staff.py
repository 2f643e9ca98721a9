"""Staff who sign in, and the role groups they belong to."""

from collections.abc import Iterable

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.translation import gettext as _

from engagement.models import Department, User
from engagement.services.errors import Refused


@transaction.atomic
def add_staff(
    *,
    username: str,
    email: str,
    password: str = "",
    hashed: str = "",
    full_name: str = "",
    department: Department | None = None,
    language: str = "",
    groups: Iterable[str] = (),
    administrator: bool = False,
) -> User:
    """Makes a staff account in the named role groups. An administrator may do everything.

    `hashed`: instead of the password what `make_password` made of it. Hashing is slow on purpose, so that
    several accounts with one password (a demonstration's) are hashed once.
    """
    if User.objects.filter(username=username).exists():
        raise Refused(_("There is already somebody with this name."), field="username")
    first, _space, last = full_name.partition(" ")
    user = User.objects.create(
        username=username,
        email=email,
        password=hashed or make_password(password),
        first_name=first,
        last_name=last,
        department=department,
        language=language,
        is_staff=True,
        is_superuser=administrator,
    )
    user.groups.set(Group.objects.filter(name__in=list(groups)))
    return user
