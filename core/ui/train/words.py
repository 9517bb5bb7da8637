"""Train: word vectors of texts, watched while they form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.base.errors import ExplorerError, InputError, counted, shorten
from core.cache import words as words_cache
from core.cache.words import Learnt
from core.charts import word_training
from core.storage import data_home
from core.ui.choosers import texts as texts_chooser
from core.ui.common import frame, jobs, page
from core.ui.common.markdown import plain
from core.ui.common.page_icons import ICONS
from core.ui.session import link_values
from core.ui.session.page_state import begin_anew
from core.ui.train.start import Numbers, Slot
from core.words.corpus import Corpus
from core.words.training import HELP, MAX_SEED, Settings, WordModel
from core.words.word_list import split_words

DATASET, PASTED = "Dataset", "Pasted text"
SLOT = Slot("words")
WATCHED = 6  # words whose neighbours are shown


@dataclass(frozen=True, slots=True)
class _Texts:
    name: str
    digest: str
    corpus: Corpus


def show() -> None:
    """The whole tool."""
    texts = _choose_texts()
    settings = _choose_settings()
    if texts is None or settings is None:
        return
    asked = _choose_watched(texts)
    key = f"train words {texts.digest} {settings} {asked}"
    if SLOT.goes_on(key):
        _run(key, texts, settings, asked)
    else:
        _show_result(texts)


def _choose_texts() -> _Texts | None:
    """The texts and their words; ``None`` where there are none yet, which is said."""
    place = frame.settings()
    kind = link_values.one_of(
        place, "Texts", (DATASET, PASTED), default=DATASET, key="words-of", bind="query-params"
    )
    if kind == PASTED:
        name = "pasted text"
        texts = st.text_area(
            "Texts, one a line",
            key="words-pasted",
            bind="query-params",
            height=160,
            help="No word is the context of one in another line.",
        ).splitlines()
        digest = data_home.sha256("\n".join(texts).encode("utf-8", "surrogatepass"))
        if not any(line.strip() for line in texts):
            st.info("Paste some texts: word vectors are learnt from the words around a word.")
            return None
    else:
        entry = texts_chooser.choose_dataset(place)
        dataset = texts_chooser.open_texts(entry, place)
        if dataset is None:
            return None
        name, texts, digest = dataset.name, dataset.texts, dataset.digest
    corpus: Corpus | None = jobs.run_job(
        f"words of {digest}",
        f"Reading the words of {name}",
        lambda progress: words_cache.corpus(digest, texts, progress),
    )
    return None if corpus is None else _Texts(name, digest, corpus)


def _choose_settings() -> Settings | None:
    """The settings; ``None`` after an error was shown."""
    start = Settings()

    number = Numbers(SLOT, start, HELP, {"bind": "query-params"}).box

    with frame.settings():
        model = link_values.one_of(
            st,
            "Model",
            [one.value for one in WordModel],
            default=start.model.value,
            key="words-model",
            bind="query-params",
            help=HELP["model"],
            wrap=True,
        )
        values = {
            "window": number("window", "Window", 1, 50, 1),
            "dims": number("dims", "Dimensions", 2, 500, 10),
            "epochs": number("epochs", "Epochs", 1, 500, 1),
            "least": number("least", "Minimum count", 1, 1_000, 1),
        }
    with frame.group("More of the training"):
        values |= {
            "negatives": number("negatives", "Negatives", 1, 50, 1),
            "sample": number("sample", "Skip words above this share", 0, 1, 0.001),
            "learning_rate": number("learning_rate", "Learning rate", 1e-5, 10, 0.005),
            "seed": number("seed", "Seed", 0, MAX_SEED, 1),
            "threads": number("threads", "Threads", 1, 16, 1),
        }
    try:
        return Settings(WordModel(model), **values)
    except ExplorerError as error:
        page.show_error(error)
        return None


def _choose_watched(texts: _Texts) -> tuple[str, ...]:
    """The words whose neighbours are shown, of the typed ones those that occur."""
    suggested = ", ".join(texts.corpus.suggested(WATCHED - 1))
    begin_anew("words-watch", texts.digest, suggested)
    typed = frame.settings().text_input(
        "Words to watch",
        suggested,
        key="words-watch",
        bind="query-params",
        help="Their nearest words are shown after each epoch. Words are in small letters.",
    )
    try:
        words = [word.lower() for word in split_words(typed)]
    except InputError:
        return ()
    occurring = set(texts.corpus.words)
    missing = [word for word in words if word not in occurring]
    if missing:
        st.caption(f"Not in these texts: {plain(shorten(', '.join(missing)))}.")
    return tuple(word for word in words if word in occurring)[:WATCHED]


def _run(key: str, texts: _Texts, settings: Settings, asked: tuple[str, ...]) -> None:
    SLOT.start(key, "The training has ended: its words are kept.")
    seen = words_cache.watch(key, asked)
    st.caption(
        "**Stop early and keep** keeps the vectors of the last whole epoch, as does closing the "
        "last window that asked for it; **Cancel** keeps nothing."
    )
    st.button("Stop early and keep", icon=":material/stop:", on_click=seen.stop.set)
    shown = [0]

    def so_far() -> Any:
        if len(seen.neighbors) in (0, shown[0]):
            return None
        shown[0] = len(seen.neighbors)
        return word_training.live_figure(seen.losses[: shown[0]], seen.neighbors[-1])

    made: Learnt | None = jobs.run_job(
        key,
        f"Training on {texts.name}",
        lambda progress: words_cache.train(key, texts.corpus, settings, texts.name, seen, progress),
        watching=so_far,
        alt="Loss so far, and the nearest words of the watched ones",
    )
    ended = None if made is not None else SLOT.how_it_ended(key)
    if made is None and ended is None:
        return
    words_cache.watch.clear(key, asked)
    if made is not None:
        st.session_state[SLOT.made] = (texts.digest, made)
        SLOT.end(None)
    if ended == "cancelled":
        SLOT.end("Cancelled. Nothing of this training is kept.")


def _show_result(texts: _Texts) -> None:
    """What was learnt last from these texts, or what they hold."""
    digest, made = st.session_state.get(SLOT.made, ("", None))
    with frame.result():
        if made is None or digest != texts.digest:
            _show_corpus(texts)
        else:
            _show_learnt(made)


def _show_corpus(texts: _Texts) -> None:
    corpus = texts.corpus
    with st.container(horizontal=True):
        st.metric("Texts", f"{len(corpus.ends):,}", border=True)
        st.metric("Words", f"{len(corpus.ids):,}", border=True)
        st.metric("Distinct", f"{len(corpus.words):,}", border=True)
        often = int((corpus.counts >= 5).sum())
        st.metric("Five times or more", f"{often:,}", border=True)
    st.dataframe(
        {"word": corpus.words[:200], "times": corpus.counts[:200]},
        hide_index=True,
        alt="The most frequent words",
    )


def _show_learnt(made: Learnt) -> None:
    st.success(
        f"{counted(made.words, 'word')} in {made.seconds:,.1f} s, kept as the embedding model "
        f"**{plain(made.space)}**."
    )
    st.page_link(
        "pages/words.py",
        label="Search in these words",
        icon=ICONS["words"],
        query_params={"space": made.space},
    )
    for note in made.notes:
        st.caption(plain(note))
    last = len(made.neighbors) - 1
    at = last
    if last > 1:
        at = st.slider(
            "Neighbours after epoch",
            0,
            last,
            last,
            key="words-epoch",
            help="0 is chance: what training begins with.",
        )
    near = made.neighbors[min(at, last)]
    if near:
        rows = max(map(len, near.values()))
        st.dataframe(
            {
                word: [f"{one} {cosine:.2f}" for one, cosine in found] + [""] * (rows - len(found))
                for word, found in near.items()
            },
            hide_index=True,
            alt=f"The nearest words of the watched ones after epoch {at}, with their cosine",
        )
    st.plotly_chart(
        word_training.loss_figure(made.losses),
        key="words-loss",
        alt=f"Loss by epoch, from {made.losses[0]:.3f} to {made.losses[-1]:.3f}",
    )
