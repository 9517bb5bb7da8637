"""Images → Datasets: a table of pictures' addresses, fetched after a click."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.base import demo
from core.base.errors import ExplorerError, counted, listed
from core.base.memory import format_bytes
from core.cache import images as images_cache
from core.images import addresses
from core.ui.common import jobs, page
from core.ui.common.markdown import plain

MAX_MEGABYTES = 200


def show(requests: str) -> None:
    """The whole tool; ``requests`` are the jobs that the page awaits."""
    with st.expander("Pictures by their addresses", icon=":material/link:"):
        upload = st.file_uploader(
            "A table with a column of addresses (URLs)",
            type=None,  # what a file is goes by its content
            key="pictures-addresses",
            max_upload_size=demo.megabytes(MAX_MEGABYTES),
            help="CSV, TSV, JSON or Parquet. Nothing is fetched before you say so; the other "
            "columns come along.",
        )
        if upload is not None:
            _offer(upload.name, upload.getvalue(), requests)


def _offer(name: str, data: bytes, requests: str) -> None:
    """Says whom fetching would ask, and does so after a click."""
    try:
        found = images_cache.address_list(name, data)
    except ExplorerError as error:
        page.show_error(error)
        return
    st.caption(
        f"{counted(len(found.addresses), 'URL')} in the column "
        f"“{plain(found.column)}”, of {counted(len(found.hosts), 'host')}: "
        f"{plain(listed(found.hosts))}. They see this computer's address, and which pictures are "
        f"asked for. At most {format_bytes(addresses.MAX_PICTURE)} each and "
        f"{format_bytes(addresses.MAX_TOTAL)} in all are taken, only from the public internet."
    )
    count = int(
        st.number_input(
            "Pictures at most",
            1,
            addresses.MAX_COUNT,
            min(addresses.COUNT, len(found.addresses)),
            key="pictures-addresses-count",
        )
    )
    asked = min(count, len(found.addresses))
    if st.button(f"Fetch {counted(asked, 'picture')}", icon=":material/download:"):
        jobs.ask(
            requests,
            f"Fetching {counted(asked, 'picture')}",
            lambda progress: addresses.fetch(found, asked, Path(name).stem, progress),
        )
