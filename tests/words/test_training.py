"""Word vectors from texts: how texts are read, what is learnt, and how a training may end."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from core.base.child_worker import Worker
from core.base.errors import Cancelled, InputError, NotReadyError, OutOfMemoryError
from core.words import training
from core.words.corpus import Corpus, read_corpus, split_words
from core.words.training import LossSample, Settings, Watch, WordModel, train
from tests.support.own_worker import own_worker

SMALL = Settings(window=2, dims=16, epochs=4, least=1, sample=0, learning_rate=0.05)


@pytest.fixture(scope="module", autouse=True)
def worker() -> Iterator[Worker]:
    """One child for all tests here, where none spoils it."""
    with pytest.MonkeyPatch.context() as patch:
        own = own_worker(patch, training)
        yield own
        own.stop()


def twins() -> Corpus:
    """*cat* and *dog* stand in all the same places, *car* and *bus* in others."""
    draw = random.Random(0)
    pet = ["fur", "paw", "tail", "vet", "feed", "leash"]
    road = ["wheel", "engine", "road", "driver", "fuel", "seat"]
    texts = []
    for _ in range(600):
        around, names = draw.choice([(pet, ("cat", "dog")), (road, ("car", "bus"))])
        first, second, third, fourth = draw.sample(around, 4)
        texts.append(f"{first} {second} {draw.choice(names)} {third} {fourth}")
    return read_corpus(texts)


def topics() -> Corpus:
    """*x* has the neighbours of *y* (*s* and *t*), and the texts of *z*."""
    draw = random.Random(1)
    texts = []
    for _ in range(700):
        letter, first, second = draw.choice([("a", "x", "z"), ("b", "y", "w")])
        fill = [f"{letter}{draw.randrange(6)}" for _ in range(9)]
        text = [*fill[:3], "s", first, "t", *fill[3:6], "g", second, "h", *fill[6:]]
        texts.append(" ".join(text))
    return read_corpus(texts)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don’t STOP, mother-in-law! 3 a.m.", ["don't", "stop", "mother-in-law", "3", "a", "m"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("我爱北京 and X光", ["我爱", "爱北", "北京", "and", "x", "光"]),
        ("ภาษาไทย", ["ภา", "าษ", "ษา", "าไ", "ไท", "ทย"]),
        ("e\u0301te\u0301 co\u00adop", ["été", "coop"]),
        ("- ' -- … 🙂", []),
    ],
)
def test_words_are_read_by_one_rule_in_any_language(text: str, words: list[str]) -> None:
    assert split_words(text) == words


def test_a_corpus_counts_words_and_leaves_rare_ones_out_as_if_never_written() -> None:
    corpus = read_corpus(["b a b", "", "c a", "b d a"])
    assert corpus.words == ("b", "a", "c", "d")
    assert corpus.counts.tolist() == [3, 3, 1, 1]
    trimmed = corpus.trimmed(2)
    assert [trimmed.words[row] for row in trimmed.ids] == ["b", "a", "b", "a", "b", "a"]
    assert trimmed.ends.tolist() == [3, 3, 4, 6]


@pytest.mark.slow
@pytest.mark.parametrize("model", list(WordModel))
def test_words_that_share_all_contexts_become_neighbors(model: WordModel) -> None:
    settings = replace(SMALL, model=model, epochs=12)
    made = train(twins(), settings)
    near = made.neighbors(["cat", "bus", "bird"], 1)
    assert {word: found[0][0] for word, found in near.items()} == {"cat": "dog", "bus": "car"}
    # Chance, but for negatives that are the target itself.
    share = twins().counts ** 0.75 / (twins().counts ** 0.75).sum()
    chance = (1 + 5 * (1 - np.square(share).sum())) * np.log(2)
    assert made.losses[0] == pytest.approx(chance, abs=0.03)
    assert made.losses[-1] < 0.9 * made.losses[0]
    assert len(made.losses) == 13
    assert made.epochs == 12


@pytest.mark.slow
def test_a_small_window_learns_the_use_of_a_word_and_a_large_one_its_topic() -> None:
    corpus = topics()

    def cosines(window: int) -> tuple[float, float]:
        made = train(corpus, replace(SMALL, window=window, epochs=15))
        near = dict(made.neighbors(["x"], len(made.words))["x"])
        return near["y"], near["z"]

    same_use, same_topic = cosines(1)
    assert same_use > 0.9 > same_topic
    same_use, same_topic = cosines(12)
    assert same_topic > same_use


@pytest.mark.slow
def test_one_thread_gives_the_same_vectors_again_and_another_seed_others() -> None:
    first, again = train(twins(), SMALL), train(twins(), SMALL)
    assert np.array_equal(first.vectors, again.vectors)
    assert first.losses == again.losses
    assert not np.array_equal(first.vectors, train(twins(), replace(SMALL, seed=1)).vectors)


def test_where_gensim_has_no_build_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "find_spec", lambda name: None)
    with pytest.raises(NotReadyError, match=r"needs gensim.*Python 3\.14"):
        train(twins(), SMALL)


def test_epochs_one_by_one_are_gensims_own_training() -> None:
    from gensim.models import Word2Vec

    corpus = twins()
    model = Word2Vec(
        vector_size=16,
        window=2,
        negative=5,
        sg=1,
        min_count=1,
        sample=0,
        seed=0,
        workers=1,
        alpha=0.05,
    )
    texts = [[corpus.words[row] for row in part] for part in np.split(corpus.ids, corpus.ends[:-1])]
    model.build_vocab_from_freq(dict(zip(corpus.words, corpus.counts.tolist(), strict=True)))
    model.train(texts, total_examples=len(texts), total_words=len(corpus.ids), epochs=4)
    rows = [model.wv.key_to_index[word] for word in corpus.words]
    assert train(corpus, SMALL).vectors == pytest.approx(model.wv.vectors[rows], abs=1e-4)


def test_the_loss_is_that_of_the_papers_formula() -> None:
    """Two words, so that each is the other's only context, and each negative one of the two."""
    ids, ends = np.array([0, 1, 0, 1]), np.array([2, 4])
    sample = LossSample(ids, ends, np.array([2, 2]), replace(SMALL, window=1, negatives=3))
    vectors, outputs = np.array([[1.0, 2.0], [0.5, -1.0]]), np.array([[0.25, 1.0], [-1.0, 0.5]])

    def minus_log_sigmoid(x: float) -> float:
        return float(-np.log(1 / (1 + np.exp(-x))))

    expected = []
    for target, drawn in zip(sample.targets, sample.negatives, strict=True):
        context = vectors[1 - target]
        loss = minus_log_sigmoid(context @ outputs[target])
        loss += sum(minus_log_sigmoid(-context @ outputs[n]) for n in drawn if n != target)
        expected.append(loss)
    assert sample.loss(vectors, outputs) == pytest.approx(np.mean(expected), abs=1e-12)


@pytest.mark.parametrize(
    ("texts", "least", "told"),
    [
        ([], 1, "There is no word in 0 texts."),
        (["", "…"], 1, "There is no word in 2 texts."),
        (["cat cat"], 1, "The only word of the texts is “cat”."),
        (["a b c"], 2, "0 words of 3 occur 2 times or more."),
        (["a b a"], 2, "1 word of 2 occurs 2 times or more."),
        (["a", "b"], 1, "No text has two words that are frequent enough."),
    ],
)
def test_texts_that_nothing_can_be_learnt_from_are_refused(
    texts: list[str], least: int, told: str
) -> None:
    with pytest.raises(InputError) as caught:
        train(read_corpus(texts), replace(SMALL, least=least))
    assert caught.value.given == told


@pytest.mark.parametrize(
    "wrong", [{"dims": 0}, {"window": 0}, {"epochs": 0}, {"learning_rate": float("nan")}]
)
def test_settings_outside_their_ranges_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InputError, match=f"“{next(iter(wrong))}” of the training"):
        Settings(**wrong)  # type: ignore[arg-type]


def test_one_sentence_and_one_dimension_are_learnt_from() -> None:
    made = train(read_corpus(["the cat saw the dog"]), replace(SMALL, dims=1))
    assert made.words == ("the", "cat", "saw", "dog")
    assert made.vectors.shape == (4, 1)
    assert "Learnt from 5 words of text." in made.notes[-1]
    assert "analogies" in made.notes[-1]


def test_words_that_are_not_told_apart_yet_are_told() -> None:
    draw = random.Random(2)
    words = [f"w{number}" for number in range(400)]
    often = [1 / (rank + 1) for rank in range(400)]  # frequency is all there is to be learnt
    noise = read_corpus([" ".join(draw.choices(words, often, k=8)) for _ in range(800)])
    crowded = train(noise, replace(SMALL, window=5, epochs=3))
    assert crowded.notes[0].startswith("All words lie near each other still")
    assert crowded.notes[0].endswith("Take more text or epochs.")  # none is skipped already
    assert not any("near each other" in note for note in train(twins(), SMALL).notes)


def test_a_text_longer_than_gensim_reads_is_read_to_its_end() -> None:
    """The last two words stand behind the 10,000th, where gensim stops."""
    text = " ".join(["a b"] * 5_100 + ["y z"] * 400)
    made = train(read_corpus([text]), SMALL)
    assert made.neighbors(["y"], 1)["y"][0][0] == "z"


def test_steps_that_are_far_too_long_are_told() -> None:
    """gensim's tables end its process where a product is no number: the app is not in it."""
    try:
        made = train(twins(), replace(SMALL, learning_rate=1e6))
    except InputError as error:
        assert "Lower the learning rate." in error.remedy
    else:
        assert "Lower the learning rate" in " ".join(made.notes) or "diverged" in made.notes[0]


def test_what_is_watched_comes_epoch_by_epoch_and_stop_keeps_it() -> None:
    watch = Watch(["cat", "unheard-of"])
    reports: list[int] = []

    def look(done: int, total: int, note: str = "") -> None:
        reports.append(done)
        assert done <= total
        if len(watch.losses) > 3:
            watch.stop.set()

    made = train(twins(), replace(SMALL, epochs=1_000), look, watch)
    assert 3 <= made.epochs < 1_000
    assert made.notes[0] == f"Stopped after {made.epochs} of 1000 epochs."
    assert list(made.losses) == watch.losses[: made.epochs + 1]
    assert all(list(found) == ["cat"] for found in watch.neighbors)
    assert watch.neighbors[made.epochs]["cat"] == made.neighbors(["cat"])["cat"]
    assert max(reports) > 0


def test_cancel_ends_the_child(worker: Worker) -> None:
    watch = Watch()
    children = []

    def cancel(done: int, total: int, note: str = "") -> None:
        children.extend(worker.working)
        if watch.losses:
            raise Cancelled("training")

    with pytest.raises(Cancelled):
        train(twins(), replace(SMALL, epochs=1_000), cancel, watch)
    assert children[-1].process.returncode is not None
    assert not worker.working


@pytest.mark.slow
def test_a_child_that_is_killed_leaves_the_last_epoch_or_an_error(worker: Worker) -> None:
    watch, whole = Watch(), replace(SMALL, epochs=1_000)

    def kill(done: int, total: int, note: str = "") -> None:
        if len(watch.losses) > 2:
            os.kill(worker.working[0].process.pid, 9)

    made = train(twins(), whole, kill, watch)
    assert made.epochs >= 2
    assert made.notes[0].startswith(f"The training broke off in epoch {made.epochs + 1}: ")
    assert np.isfinite(made.vectors).all()

    def kill_at_once(done: int, total: int, note: str = "") -> None:
        for child in worker.working:
            os.kill(child.process.pid, 9)

    with pytest.raises(OutOfMemoryError):
        train(twins(), whole, kill_at_once)


@pytest.mark.slow
def test_words_to_look_at_are_frequent_but_not_in_most_texts() -> None:
    texts = ["the harbour of the day", "the museum of a harbour"]
    assert read_corpus([*texts, *["the of day"] * 3_000]).suggested(1) == ["harbour"]
