"""Other autoencoders (VAE) for a large model: files that lie in ``vaes`` of the data home.

What a model draws is in the latent space of its autoencoder, so only one that was finetuned from
that fits. How it is built and scaled is thus the model's own; only the numbers are the file's,
in the layout of CompVis' code or of diffusers.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.base.errors import InputError, shorten
from core.generation.large.brought_files import Folder
from core.readers import file_kinds

FOLDER = Folder("VAE", "vaes", "choose none")


def put_in(pipe: Any, path: Path, config: Path) -> None:
    """Gives a pipeline that was just opened the autoencoder of a file.

    Args:
        config: the folder of the model's own autoencoder.

    Raises:
        InputError: the file is damaged, or holds none that is built as the model's own.
    """
    from diffusers import AutoencoderKL
    from diffusers.loaders.single_file_utils import SingleFileComponentError
    from safetensors import SafetensorError

    own = getattr(pipe, "vae", None)
    if not isinstance(own, AutoencoderKL):
        raise _unfit(path, f"{type(pipe).__name__} takes none here")
    try:
        made = AutoencoderKL.from_single_file(
            str(path), config=str(config), dtype=own.dtype, local_files_only=True
        )
    except (
        SingleFileComponentError,
        SafetensorError,
        OSError,
        ValueError,
        KeyError,
        RuntimeError,
        TypeError,
    ) as error:
        # What is not in the file stays without numbers, on the device "meta".
        partial = "meta tensor" in str(error)
        why = shorten(file_kinds.reason_of_weights(path, error), 160)
        why = "layers are missing in it" if partial else why
        raise _unfit(path, why) from error
    pipe.register_modules(vae=made)


def _unfit(path: Path, why: str) -> InputError:
    return InputError(
        f"The VAE “{shorten(path.stem)}” cannot be used: {why}.",
        "It must be an autoencoder of the family of the model that draws.",
        "Choose another VAE, or none.",
    )
