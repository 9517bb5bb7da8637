"""Generate → Models: the large models with their states, downloading them, adding others."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.base.errors import InputError
from core.base.types import Progress
from core.generation.large import autoencoders, embeddings, lora, registry as large_models
from core.generation.large.entry import LargeEntry
from core.ui.common import access, demo as demo_mode, downloads, jobs, page as common_page
from core.ui.common.markdown import plain
from core.ui.session import link_values

REQUESTS = "large-model"
WAYS = ("Hugging Face", "A folder")
_OFFLINE = """
On a computer with a way to the hub, fetch the files of the model, and copy the folder here:

```
hf download stabilityai/sd-turbo --local-dir sd-turbo \\
  --include model_index.json "*/*.json" "*/*.txt" "*/*.model" "*/*.jinja" "*/*.safetensors"
```

Then add that folder below. It must look like this; each part that `model_index.json` names has a
folder of its own:

```
sd-turbo/
  model_index.json
  scheduler/scheduler_config.json
  tokenizer/tokenizer_config.json, vocab.json, merges.txt
  text_encoder/config.json, model.safetensors
  unet/config.json, diffusion_pytorch_model.safetensors
  vae/config.json, diffusion_pytorch_model.safetensors
```

Weights may also be the half as large `….fp16.safetensors`, or shards with their
`….safetensors.index.json`. Newer models have `transformer` for `unet`, and `text_encoder_2` and
`tokenizer_2` besides. A **single file** `….safetensors`
with all weights of a Stable Diffusion 1 or SDXL model needs no folder: give its path; it is
unpacked once, without a network, into a folder as large as it. A pickled `.ckpt` is not opened.

Of OpenAI's **guided-diffusion** (`64x64_diffusion.pt`, `128x128_diffusion.pt`,
`256x256_diffusion.pt`, `256x256_diffusion_uncond.pt`, `lsun_….pt`) give the path of the file: it
holds tensors alone, and is refused where it holds more. Those with classes take the ImageNet class
nearest to the prompt; guidance above 1 adds the gradient of `64x64_classifier.pt` (and so on)
where it lies in the same folder, else of our picture encoder.

Of OpenAI's **GLIDE** (`base.pt`, or `base_inpaint.pt`) likewise. Beside it must lie GPT-2's
vocabulary, by which it reads prompts: `vocab.bpe` or `vocab.bpe.gz` (in `glide_text2im/tokenizer`
of its repository), or GPT-2's `merges.txt` or `tokenizer.json`; and `upsample.pt`, or
`upsample_inpaint.pt`, if 256 pixels are wanted in place of 64.

Models in your Hugging Face cache are found by themselves.
"""


def show() -> None:
    """The whole tool."""
    entries = large_models.list_large()
    _table(entries)
    named = {entry.name: entry for entry in entries}
    if st.session_state.get("large-model") not in named:
        st.session_state.pop("large-model", None)
    entry = named[str(st.selectbox("Model", list(named), key="large-model"))]
    _describe(entry)
    _offer(entry)
    if demo_mode.off("Adding a model"):
        return
    st.subheader("Add a model", anchor=False)
    with st.expander("Offline: which files, and where"):
        st.markdown(_OFFLINE)
    _add()
    _tell_files()
    made: str | None = jobs.run(REQUESTS)
    if made is not None:
        jobs.tell(REQUESTS, f"**{plain(made)}** is listed: choose it under “Model”.")
        st.rerun()
    jobs.show_told(REQUESTS)


def _tell_files() -> None:
    """What can be named in a prompt or the settings: files in folders of the data home."""
    for kind, use, folder in (
        ("LoRA", "name them in the prompt, as in `<lora:name:0.8>`", lora.FOLDER),
        (
            "Textual inversion embeddings",
            "name them in the prompt, as in `<embedding:name>`",
            embeddings.FOLDER,
        ),
        ("VAE", "choose one in the settings, under “Scheduler and size”", autoencoders.FOLDER),
    ):
        here = folder.names()
        told = f"Here: {', '.join(here)}." if here else "None is here."
        place = f" ({folder.path})" if access.is_local() else ""
        st.caption(
            f"**{kind}**: put `.safetensors` files into the folder `{folder.place}` of the data "
            f"home{plain(place)}, and {use}. {plain(told)}"
        )


def _table(entries: list[LargeEntry]) -> None:
    st.dataframe(
        {
            "model": [entry.name for entry in entries],
            "title": [entry.title for entry in entries],
            "state": [entry.state for entry in entries],
            "time per image": [entry.estimate or "not known" for entry in entries],
            "memory": [entry.memory for entry in entries],
            "download": [entry.size for entry in entries],
            "gated": ["yes" if entry.gated else "no" for entry in entries],
            "licence": [entry.licence for entry in entries],
        },
        hide_index=True,
        height="content",
        column_config={
            "gated": st.column_config.TextColumn(width="small"),
            "licence": st.column_config.TextColumn(width="large"),
        },
        alt="Large models with state, time, memory, size and licence",
    )
    st.caption(
        "Times are estimates from the speed of this computer and the work a picture takes; "
        "sizes and memory are approximate."
    )


def _describe(entry: LargeEntry) -> None:
    page = f" [Its page]({entry.page})" if entry.page else ""
    st.markdown(
        f"**{plain(entry.title)}** · {plain(entry.about)}  \nLicence: {plain(entry.licence)}.{page}"
    )
    if entry.ready:
        st.success(f"It is here: {plain(str(entry.folder))}")
    else:
        state = entry.state[:1].upper() + entry.state[1:]
        st.info(f"{plain(state)}. {plain(entry.remedy)}")


def _offer(entry: LargeEntry) -> None:
    """The buttons that download a model, or take it off the list."""

    def work(progress: Progress) -> Path:
        return large_models.download_large(entry.name, progress)

    if entry.downloadable and downloads.offer_job(
        f"download {entry.repository}",
        f"Download ({entry.size})",
        f"Downloading {entry.title}",
        work,
    ):
        st.rerun()
    if entry.added and st.button("Remove from the list", key="large-remove"):
        with common_page.errors_shown():
            large_models.remove(entry.name)
            jobs.tell(REQUESTS, None)
            st.rerun()


def _add() -> None:
    ways = WAYS if access.is_local() else WAYS[:1]
    way = link_values.one_of(st, "From", ways, default=ways[0], key="large-way")
    with st.form("add-large", enter_to_submit=True):  # either way one box
        if way == WAYS[1]:
            typed = st.text_input(
                "Folder, .safetensors file, or .pt of guided-diffusion or GLIDE, on this computer",
                placeholder="/models/sd-turbo",
            )
        else:
            typed = st.text_input(
                "Name or address of a repository", placeholder="stabilityai/sd-turbo"
            )
        st.caption(
            "Weights are taken as safetensors, or as the plain tensors of OpenAI's "
            "guided-diffusion and GLIDE; a model's own code never runs."
        )
        if not st.form_submit_button("Check and add", icon=":material/add:"):
            return
    typed = typed.strip()
    if not typed:
        common_page.show_error(InputError("Nothing was given.", "", "Type a name or a path."))
    elif way == WAYS[1]:
        with common_page.errors_shown():
            path = access.given_path(typed)
            jobs.ask(REQUESTS, "Looking at the folder", lambda _: large_models.add_folder(path))
    else:
        jobs.ask(REQUESTS, "Asking the hub", lambda _: large_models.add_repository(typed))
