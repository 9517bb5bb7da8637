"""Tables to take along."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.base.columns import Columns, to_csv


def download_csv(
    columns: Columns | Callable[[], Columns], *, file_name: str, label: str = "Download CSV"
) -> None:
    """A button that downloads a table, which is written when it is asked for."""
    st.download_button(
        label,
        lambda: to_csv(columns() if callable(columns) else columns),
        file_name=file_name,
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
    )
