"""Generate → Models, the panel alone, against a hub on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.generation.large import registry as large_models
from core.generation.large.catalog import LARGE
from core.ui.common import access
from tests.pages.test_images import told
from tests.support.hub_fixtures import hub_with_a_model  # noqa: F401  the fixture “server”
from tests.support.hub_server import FakeHub, Files

REPOSITORY = "org/small"
FILES: Files = {
    "model_index.json": json.dumps(
        {
            "_class_name": "StableDiffusionPipeline",
            "scheduler": ["diffusers", "PNDMScheduler"],
            "unet": ["diffusers", "UNet2DConditionModel"],
        }
    ).encode(),
    "scheduler/scheduler_config.json": b"{}",
    "unet/config.json": b"{}",
    "unet/diffusion_pytorch_model.safetensors": b"x" * 50_000,
}


def page() -> None:
    from core.ui.generate import models

    models.show()


@pytest.fixture
def opened(server: FakeHub, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppTest]:
    monkeypatch.setattr(large_models, "most_memory", lambda: 20 * 10**9)
    monkeypatch.setattr(access, "is_local", lambda: True)
    server.models[REPOSITORY] = FILES
    shown = AppTest.from_function(page, default_timeout=60).run()
    assert not shown.exception
    yield shown


def press(shown: AppTest, label: str) -> None:
    next(button for button in shown.button if button.label == label).click().run()
    assert not shown.exception


def test_all_models_are_listed_and_nothing_is_asked_for(opened: AppTest, server: FakeHub) -> None:
    table = opened.dataframe[0].value.set_index("model")
    assert list(table.index) == [spec.name for spec in LARGE]
    assert table.loc["sd-turbo", "state"] == "needs download (5.2 GB)"
    assert table.loc["sd35-medium", "gated"] == "yes"
    assert table.loc["sd15", "licence"].startswith("CreativeML OpenRAIL-M")
    assert "Needs download (5.5 GB). Download it here" in told(opened)
    assert "Download (about 5.5 GB)" in [button.label for button in opened.button]
    opened.selectbox(key="large-model").set_value("ldm").run()
    assert not [button for button in opened.button if button.label.startswith("Download")]
    assert "only as pickled files" in told(opened)
    opened.selectbox(key="large-model").set_value("sd35-medium").run()
    assert "HF_TOKEN" in told(opened)
    assert not server.requests


def test_a_repository_is_added_downloaded_and_taken_off(opened: AppTest, server: FakeHub) -> None:
    opened.text_input[0].set_value(REPOSITORY)
    press(opened, "Check and add")
    assert "is listed" in told(opened)
    opened.selectbox(key="large-model").set_value(f"hub:{REPOSITORY}").run()
    press(opened, "Download (50 kB)")
    assert opened.dataframe[0].value.set_index("model").loc[f"hub:{REPOSITORY}", "state"] == "ready"
    assert "It is here" in told(opened)
    press(opened, "Remove from the list")
    assert f"hub:{REPOSITORY}" not in list(opened.dataframe[0].value["model"])


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("", "Nothing was given"),
        ("org/none", "There is no model"),
        ("../../etc", "cannot be a name"),
        ("org/small-model", "is no model of diffusers"),
    ],
)
def test_a_wrong_repository_gets_one_message(opened: AppTest, typed: str, error: str) -> None:
    opened.text_input[0].set_value(typed)
    press(opened, "Check and add")
    assert [one.value for one in opened.error if error in one.value]


def test_a_folder_is_added_or_refused(opened: AppTest, tmp_path: Path) -> None:
    opened.segmented_control(key="large-way").set_value("A folder").run()
    opened.text_input[0].set_value(str(tmp_path / "none"))
    press(opened, "Check and add")
    assert "is no folder" in opened.error[0].value
    for path, data in FILES.items():
        (tmp_path / "own" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "own" / path).write_bytes(data)
    opened.text_input[0].set_value(str(tmp_path / "own"))
    press(opened, "Check and add")
    assert f"folder:{tmp_path / 'own'}" in list(opened.dataframe[0].value["model"])
