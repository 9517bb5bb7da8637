"""Who may name what is this computer's own: paths, services, variables. One setting, asked twice.

On where the server listens to this computer alone and a request came to it straight, or where
`--local` was said at the start; off for everybody else. It is asked where a box is shown, and again
where something is done: a browser can send what no box was shown for.

Behind a proxy of this computer everybody comes from here. A proxy says so in a header, or it names
the server as strangers call it, in ``Host`` or in ``Origin``.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import streamlit as st

from core.base import demo
from core.base.errors import InputError
from core.spaces.encoders.openai_api import LOOPBACK
from core.spaces.entry import SpaceEntry
from core.spaces.sources import service
from core.storage import data_home

SAID = "EMBEDDING_EXPLORER_LOCAL"  # the variable by which run.py passes on `--local`
# How the headers begin that proxies and tunnels add.
FORWARDED = (
    *("forwarded", "via", "x-forwarded", "x-original-forwarded", "x-real-ip", "x-client-ip"),
    *("x-cluster-client-ip", "x-envoy-", "true-client-ip", "cf-", "fly-", "tailscale-"),
)


def is_local() -> bool:
    """Whether who is at this page may name paths, services and variables of this computer.

    Nobody may in a demo, whatever was said beside.
    """
    if demo.is_on():
        return False
    if os.environ.get(SAID) == "1":
        return True
    return came_straight(str(st.get_option("server.address")), _headers())


def came_straight(address: str, headers: Mapping[str, str]) -> bool:
    """Whether a request reached a server that listens at ``address`` from this computer itself."""
    given = {name.lower(): value for name, value in headers.items()}
    named = [f"//{given['host']}"] if "host" in given else []
    named += [given["origin"]] if "origin" in given else []
    return (
        address in LOOPBACK
        and not any(name.startswith(FORWARDED) for name in given)
        and _are_loopback(named)
    )


def _headers() -> Mapping[str, str]:
    """Those of the request that opened this session; none in a test without a browser."""
    return dict(st.context.headers.items())


def _are_loopback(addresses: Iterable[str]) -> bool:
    try:
        return all((urlsplit(one).hostname or "") in LOOPBACK for one in addresses)
    except ValueError:
        return False


def require() -> None:
    """Passes where ``is_local``.

    Raises:
        InputError: it is not, or this is a demo.
    """
    demo.require_off("Naming paths, services and variables of the server's computer")
    if not is_local():
        raise InputError(
            "Paths, services and variables of the server's computer cannot be named from here.",
            "That is for who sits at that computer.",
            "Upload the file, or ask who runs the server; `python3 run.py --local` allows it to "
            "all.",
        )


def given_path(text: str) -> Path:
    """A path of this computer that was typed on a page, as ``data_home.given_path``.

    Raises:
        InputError: it may not be named from here, or it can be none.
    """
    require()
    return data_home.given_path(text)


def environment_key(entry: SpaceEntry) -> str:
    """The key of a service that this page may use without one being typed; empty for none."""
    variable = entry.spec.key_variable if is_local() else ""
    return service.environment_key(entry.spec.url, variable)


def require_key(entry: SpaceEntry) -> None:
    """Passes where the texts of ``entry`` can be encoded without a key being typed.

    Raises:
        InputError: it is a service with a key in a variable of this computer, and not for here.
    """
    if entry.source.is_service and not environment_key(entry):
        raise InputError(
            f"{entry.space.title} needs a key, which cannot be typed here.",
            "An embedding model on this computer is needed.",
            "Choose another embedding model.",
        )
