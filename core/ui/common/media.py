"""Files that a component of the page fetches from the server."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime import get_instance


def address(data: bytes, kind: str, place: str) -> str:
    """Where the browser fetches ``data`` in this run, under its content's digest.

    Args:
        kind: its MIME type.
        place: stands for what it is, where several are fetched.
    """
    # Streamlit tells files of more than a megabyte apart by samples of them and by their names:
    # one tag among a million lies in no sample. Bytes that are kept know their hash already.
    name = f"{hash(data):x}"
    path = get_instance().media_file_mgr.add(data, kind, place, file_name=name)
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}{path}" if base else path
