"""The page Graph in real Chromium: Nations is trained for a few epochs, asked, and answers."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from core.graphs import sources

Open = Callable[..., Page]


def test_nations_is_trained_and_answers(open_page: Open) -> None:
    page = open_page("graph?graph=nations&do=Train")
    epochs = page.get_by_label("Epochs", exact=True)
    epochs.fill("6")
    epochs.press("Enter")
    page.get_by_role("button", name="Train", exact=True).click()
    # PyKEEN and PyTorch are imported by the first training of a server.
    expect(page.get_by_text("Trained, and kept as")).to_be_visible(timeout=240_000)
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    page.get_by_role("radio", name="Ask", exact=True).click()
    head = page.get_by_label("Head", exact=True)
    head.fill("usa")
    head.press("Enter")
    relation = page.get_by_role("combobox", name="Relation")
    relation.click()
    relation.fill("embassy")
    page.get_by_role("option", name="embassy", exact=True).click()
    expect(page.get_by_text("(usa, embassy, ?)")).to_be_visible()
    first = page.locator('[role=gridcell][aria-colindex="1"]').first
    graph = sources.load_graph("nations")
    assert first.inner_text() in graph.entities
    parts = page.locator('[role=gridcell][aria-colindex="3"]').all_inner_texts()
    assert "train" in parts  # the model puts what it has seen among the first ten
    head.fill("usaa")
    head.press("Enter")
    expect(page.get_by_text("Did you mean usa", exact=False)).to_be_visible()
