"""The list of pipelines that draw is that of the installed diffusers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from core.base.errors import InputError
from core.generation.large import loading
from core.generation.large.files import Layout
from core.generation.large.model_index import Part
from core.generation.large.pipelines import DRAWING
from tests.support import tiny_diffusers


def test_the_pipelines_are_those_that_diffusers_names() -> None:
    from diffusers.pipelines import auto_pipeline

    pictures = auto_pipeline.AUTO_IMAGE2IMAGE_PIPELINES_MAPPING
    masks = auto_pipeline.AUTO_INPAINT_PIPELINES_MAPPING
    expected = {"LDMTextToImagePipeline": ("", "")}
    for family, kind in auto_pipeline.AUTO_TEXT2IMAGE_PIPELINES_MAPPING.items():
        if "Control" not in kind.__name__:
            variants = (pictures.get(family), masks.get(family))
            picture, mask = (getattr(one, "__name__", "") for one in variants)
            expected[kind.__name__] = (picture, mask)
    assert expected == DRAWING


@pytest.mark.slow
def test_a_first_picture_imports_no_pipelines_of_others(tmp_path: Path) -> None:
    folder = tiny_diffusers.build_sd(tmp_path / "sd")
    code = f"""
import sys
from pathlib import Path
from core.generation.large.generator import LargeGenerator
from core.generation.request import Request
generator = LargeGenerator("x", "X", Path({str(folder)!r}))
generator.generate(Request("x", "a fox", steps=1, width=64, height=64), lambda step: None)
print(*(name for name in sys.modules if name.startswith("diffusers.pipelines.")))
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True
    )
    families = {name.split(".")[2] for name in done.stdout.split()}
    assert "stable_diffusion" in families
    assert not {"auto_pipeline", "flux", "kandinsky", "stable_diffusion_xl"} & families


@pytest.mark.parametrize(
    ("pipeline", "vae", "told"),
    [
        ("Flux2Pipeline", "AutoencoderKLFlux2", "those of AutoencoderKLFlux2"),
        ("Krea2Pipeline", "AutoencoderKLQwenImage", "those of AutoencoderKLQwenImage"),
    ],
)
def test_models_whose_steps_cannot_be_shown_are_refused(pipeline: str, vae: str, told: str) -> None:
    layout = Layout(Path("x"), pipeline, (Part("vae", "diffusers", vae),), ())
    with pytest.raises(InputError, match=told):
        loading.pipeline_class(layout, "x")
