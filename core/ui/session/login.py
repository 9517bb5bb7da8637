"""Who may enter, where secrets.toml names a provider of logins (OpenID Connect): Streamlit's own.

https://docs.streamlit.io/develop/api-reference/user. Without a part ``[auth]`` everybody who
reaches the server enters.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import streamlit as st

from core.base.errors import ExplorerError, NotReadyError
from core.ui.common import page
from core.ui.common.markdown import plain

ALLOWED = "access"  # the part of secrets.toml whose ``emails`` lists who may enter


def require() -> None:
    """Passes where nobody has to log in, and who has; app.py calls it before a page runs."""
    try:
        asked = is_asked()
    except ExplorerError as error:
        page.show_error(error)
        st.stop()
    if not asked:
        return
    user = _user()
    if user.get("is_logged_in") and may_enter(user):
        with st.sidebar:
            st.button("Log out", on_click=st.logout, type="tertiary", icon=":material/logout:")
        return
    if user.get("is_logged_in"):
        st.error(f"{plain(str(user.get('email', 'This account')))} may not enter here.")
        st.button("Log out", on_click=st.logout)
    else:
        _offer()
    st.stop()


def is_asked() -> bool:
    """Whether secrets.toml has a part ``[auth]``.

    Raises:
        NotReadyError: there is such a file, and it cannot be read: nobody enters then.
    """
    if st.secrets.load_if_toml_exists():
        return "auth" in st.secrets
    if any(Path(file).exists() for file in st.get_option("secrets.files")):
        raise NotReadyError(
            "The server's secrets.toml cannot be read, so nobody can log in.",
            "It says who may enter.",
            "Who runs the server finds in its log what is wrong with it.",
        )
    return False


def may_enter(user: Mapping[str, object]) -> bool:
    """Whether who has logged in is on the list; all are where there is none."""
    allowed = st.secrets.get(ALLOWED, {}).get("emails")
    verified = user.get("email_verified", True) is not False
    return allowed is None or (verified and user.get("email") in list(allowed))


def _user() -> Mapping[str, object]:
    return st.user.to_dict()


def _offer() -> None:
    st.title("Embedding Explorer", anchor=False)
    if find_spec("authlib") is None:
        told = "Logging in needs the package Authlib, which is not installed on the server."
        page.show_error(NotReadyError(told, "", "Who runs it: see docs/security.md."))
        return
    providers = [
        str(name) for name, part in st.secrets["auth"].items() if isinstance(part, Mapping)
    ]
    if not providers:
        st.button("Log in", on_click=st.login, icon=":material/login:")
    for name in providers:
        st.button(f"Log in with {plain(name)}", on_click=st.login, args=(name,))
