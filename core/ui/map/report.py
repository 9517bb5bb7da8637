"""Map: what is selected, told to the program that opened the page."""

from __future__ import annotations

import streamlit as st

from core.base.errors import StorageError
from core.maps import selection_reports
from core.maps.items import MapData
from core.ui.common import page
from core.ui.map import selection

REPORT = "report"  # of the address: the token of the file to write into
_KEPT = "map-report"


def tell(source: MapData) -> None:
    """Writes what is selected of the items that the address came with, by their row numbers."""
    asked = st.query_params.get(REPORT)
    if asked is not None and asked != st.session_state.get(_KEPT, ("", ""))[0]:
        st.session_state[_KEPT] = (asked, source.digest)
    token, digest = st.session_state.get(_KEPT, ("", ""))
    if not token or digest != source.digest:
        return
    part = selection.part_of(source)
    names = [part.ids[row] for row in selection.rows(part).tolist()]
    try:
        selection_reports.tell(token, [int(name) for name in names if name.isdecimal()])
    except StorageError as error:
        page.show_error(error)
