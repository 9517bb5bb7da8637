"""Small files from addresses that a stranger's file names: only from the public internet.

Each address is resolved here, also after a redirection; where one of what it resolves to is
private, loopback, link-local or reserved it is refused, and the connection goes to what was
looked at, so that a name cannot mean something else a moment later. Proxies of the environment are
not used: they would resolve names themselves.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from core.base.errors import ServiceError, shorten
from core.base.memory import format_bytes
from core.base.reasons import reason_of
from core.storage.downloads import HEADERS, HOPS

if TYPE_CHECKING:
    import httpx2

SECONDS = 10  # without a byte
# In which an IPv4 address stands that would have to be looked at: NAT64 and 6to4.
_EMBEDDING = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16")))


class RefusedError(ServiceError):
    """An address is not asked, or did not give what may be taken; ``given`` says why."""


@contextmanager
def client() -> Iterator[httpx2.Client]:
    """A client for ``read``, for as long as the block."""
    import httpx2

    with httpx2.Client(
        headers=HEADERS, timeout=SECONDS, follow_redirects=False, trust_env=False
    ) as opened:
        yield opened


def read(opened: httpx2.Client, url: str, limit: int, seconds: float) -> tuple[bytes, str]:
    """What an address gives, and the type that it is said to be of.

    Args:
        limit: bytes that it may have.
        seconds: that all of it may take.

    Raises:
        RefusedError: it is no public address, answers otherwise than with a file, or comes to a
            limit.
    """
    import httpx2

    ends = time.monotonic() + seconds
    try:
        place = httpx2.URL(url)
        for _ in range(HOPS + 1):
            response = _send(opened, place)
            try:
                if not response.is_redirect:
                    return _take(response, limit, ends), response.headers.get("Content-Type", "")
                place = place.join(response.headers["Location"])
            finally:
                response.close()
    except (httpx2.RequestError, httpx2.InvalidURL, ValueError) as error:
        reason = shorten(reason_of(error), 100)
        raise _refused(f"it could not be reached ({reason})") from error
    raise _refused(f"it redirects more than {HOPS} times")


def _send(opened: httpx2.Client, place: httpx2.URL) -> httpx2.Response:
    """What the first address that can be reached answers, asked in the name of its host."""
    import httpx2

    if place.scheme not in ("http", "https") or not place.host:
        raise _refused("it is no address that begins with http:// or https://")
    found = addresses(place.host, place.port or (443 if place.scheme == "https" else 80))
    for one in found:
        if not is_public(one):
            raise _refused(f"{shorten(place.host, 60)} is {one}, which is no public address")
    for one in found:
        request = opened.build_request(
            "GET",
            place.copy_with(host=one, username=None, password=None),
            headers={"Host": place.netloc.decode("ascii")},
            extensions={"sni_hostname": place.host},
        )
        try:
            return opened.send(request, stream=True)
        except (httpx2.ConnectError, httpx2.ConnectTimeout):
            if one == found[-1]:
                raise
    raise AssertionError  # the loop returns or raises


def addresses(host: str, port: int) -> list[str]:
    """All IP addresses that a host's name stands for.

    Raises:
        RefusedError: for none.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise _refused(f"there is no host {shorten(host, 60)}") from error
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def is_public(address: str) -> bool:
    """Whether an IP address is of the public internet."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:  # one with a scope, such as fe80::1%eth0
        return False
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return is_public(str(found.ipv4_mapped))
        if any(found in network for network in _EMBEDDING) or found.teredo is not None:
            return False
    return found.is_global and not found.is_multicast


def _take(response: httpx2.Response, limit: int, ends: float) -> bytes:
    if response.status_code != 200:
        raise _refused(f"it answers with HTTP status {response.status_code}")
    taken = bytearray()
    for piece in response.iter_bytes():
        taken += piece
        if len(taken) > limit:
            raise _refused(f"it has more than the {format_bytes(limit)} that are taken")
        if time.monotonic() > ends:
            raise _refused("it takes too long")
    return bytes(taken)


def _refused(reason: str) -> RefusedError:
    return RefusedError(reason, "A picture on the public internet is needed.", "")
