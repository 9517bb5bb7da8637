"""Words → Analogy test: how many analogy questions a space answers, by section."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import streamlit as st

from core.base import demo
from core.base.errors import ExplorerError, InputError
from core.base.paths import ASSETS
from core.base.types import Modality
from core.cache import words as words_cache
from core.charts import basic as charts
from core.spaces import registry
from core.spaces.entry import SpaceEntry
from core.storage import data_home
from core.ui.common import frame, jobs, page, spaces, tables
from core.ui.common.markdown import plain
from core.words.analogies import AnalogyResult, Question, SectionResult, read_pairs, read_questions

_PAIRS = ASSETS / "analogies" / "pairs.txt"
NONE = "none"
HELP = (
    "A question *a b c d* asks: **a** is to **b** as **c** is to what? The answer is the word "
    "nearest to b − a + c, the three left out (Mikolov et al. 2013)."
)
Questions = dict[str, list[Question]]


def show(entry: SpaceEntry) -> None:
    """The whole tool for the space ``entry`` and, beside it, another one."""
    others = [e for e in _ready_spaces() if e.space.name != entry.space.name]
    second = frame.settings().selectbox(
        "Compare with",
        [NONE, *(other.space.name for other in others)],
        key="second",
        bind="query-params",
        help="A second embedding model that answers the same questions.",
    )
    upload = frame.settings().file_uploader(
        "Your own questions",
        type="txt",
        max_upload_size=demo.megabytes(20),
        help="The form of questions-words.txt: lines of four words, section lines “: name”. "
        "Without a file, the bundled questions are asked.",
    )
    try:
        questions, digest = _questions(upload.getvalue() if upload else None)
    except ExplorerError as error:
        page.show_error(error)
        return
    asked = sum(len(section) for section in questions.values())
    source = plain(upload.name) if upload else "the bundled file"
    told = f"{asked:,} questions in {len(questions)} sections from {source}."
    chosen = [entry, *(other for other in others if other.space.name == second)]
    key = f"ran {digest} {[e.digest for e in chosen]}"
    with st.container(horizontal=True, vertical_alignment="center"):
        asked_now = st.button(
            "Run the test", key="run-test", icon=":material/play_arrow:", type="primary"
        )
        st.caption(told, help=HELP)
    if asked_now:
        st.session_state["analogy-run"] = key
    if st.session_state.get("analogy-run") != key:
        return
    results = {}
    for one in chosen:
        result = _measure(one, questions, digest)
        if result is None:
            return
        results[one.space.name] = result
    with frame.result():
        _show_results(list(questions), results)


def _ready_spaces() -> list[SpaceEntry]:
    return [
        entry
        for entry in registry.list_spaces()
        if entry.ready and Modality.WORD in entry.space.modalities
    ]


@cache
def _bundled() -> Questions:
    return read_pairs(_PAIRS.read_text(encoding="utf-8"))


def _questions(data: bytes | None) -> tuple[Questions, str]:
    """The questions and their digest: the bundled ones, or those of an uploaded file."""
    if data is None:
        return _bundled(), data_home.digest_file(_PAIRS)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            "The file of questions is not UTF-8 text.",
            "Lines of four words are needed.",
            "Save it as UTF-8.",
        ) from error
    return read_questions(text), data_home.sha256(data)


def _measure(entry: SpaceEntry, questions: Questions, digest: str) -> AnalogyResult | None:
    if spaces.open_vocabulary(entry) is None:
        return None
    result: AnalogyResult | None = jobs.run_job(
        f"analogies {entry.digest} {digest}",
        f"Asking {entry.space.title}",
        lambda progress: words_cache.analogies(entry, questions, digest, progress),
    )
    return result


def _show_results(sections: Sequence[str], results: dict[str, AnalogyResult]) -> None:
    for column, (title, result) in zip(st.columns(len(results)), results.items(), strict=True):
        overall = result.overall
        column.metric(
            plain(title),
            "–" if overall.accuracy is None else f"{overall.accuracy:.1%}",
            help="Right answers among the covered questions.",
        )
        column.caption(f"{overall.right:,} right of {overall.covered:,} covered")
    accuracies = {
        title: [result.sections[name].accuracy for name in sections]
        for title, result in results.items()
    }
    st.plotly_chart(
        charts.section_bars(sections, accuracies),
        key="sections",
        alt="Bar chart of the accuracy in each section",
    )
    columns = _table(sections, results)
    st.dataframe(columns, hide_index=True, height="content", alt="Accuracy in each section")
    tables.download_csv(columns, file_name="analogies.csv")
    for title, result in results.items():
        _show_details(title, result)


def _table(sections: Sequence[str], results: dict[str, AnalogyResult]) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {"section": [*sections, "overall"]}
    for title, result in results.items():
        rows: list[SectionResult] = [result.sections[name] for name in sections]
        rows.append(result.overall)
        columns[f"{title}: accuracy"] = [
            None if row.accuracy is None else round(row.accuracy, 4) for row in rows
        ]
        columns[f"{title}: covered"] = [row.covered for row in rows]
        columns[f"{title}: asked"] = [row.total for row in rows]
    return columns


def _show_details(title: str, result: AnalogyResult) -> None:
    missing = sorted(result.missing.items(), key=lambda item: (-item[1], item[0]))
    with st.expander(f"{plain(title)}: {len(missing):,} words not covered"):
        if missing:
            rows = {"word": [w for w, _ in missing], "times asked": [n for _, n in missing]}
            st.dataframe(rows, hide_index=True, alt="Words that are not in the vocabulary")
        else:
            st.caption("Every word of the questions is in the vocabulary.")
    with st.expander(f"{plain(title)}: the first wrong answers"):
        rows = {
            "question": [f"{a} : {b} = {c} : ?" for (a, b, c, _), _ in result.mistakes],
            "expected": [question[3] for question, _ in result.mistakes],
            "answered": [answer for _, answer in result.mistakes],
        }
        st.dataframe(rows, hide_index=True, alt="Questions that were answered wrongly")
