"""Back to where somebody came from, with filters, page and selection as they were.

A list is told which rows to tick by `kept=12,13` in its address; a page of ours is told where it was
opened from by `next`.
"""

from collections.abc import Iterable
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

KEPT = "kept"
_MOST_KEPT = 200
"""More rows than a page of a list shows, few enough for an address."""


def safe_next(request: HttpRequest, default: str) -> str:
    """The address in `next` when it is one of this site, else `default`."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if wanted and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return wanted
    return default


def with_kept(address: str, keys: Iterable[object]) -> str:
    """`address` of a list with these rows ticked, and no others."""
    parts = urlsplit(address)
    query = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != KEPT]
    chosen = ",".join(str(key) for key in keys)
    if chosen and chosen.count(",") < _MOST_KEPT:
        query.append((KEPT, chosen))
    return urlunsplit(parts._replace(query=urlencode(query, safe=",")))


def kept_keys(request: HttpRequest) -> set[str]:
    return {key for key in request.GET.get(KEPT, "").split(",") if key}
