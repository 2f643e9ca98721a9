"""Who is asking, as far as rate limits need to know; never stored in clear."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The visitor's network address, behind as many proxies as the settings trust.

    Each trusted proxy adds the address it saw to the right of X-Forwarded-For, so the visitor is the
    n-th from the right; what stands further left anybody may have written. An IPv6 visitor is known by
    the first 64 bits: the rest is theirs to choose.
    """
    address = str(request.META.get("REMOTE_ADDR", ""))
    proxies = settings.TRUSTED_PROXIES
    if proxies:
        seen = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        if len(seen) >= proxies:
            address = seen[-proxies] or address
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return str(request.META.get("REMOTE_ADDR", ""))
    if parsed.version == 6:
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((int(parsed), 64), strict=False).network_address)
    return str(parsed)
