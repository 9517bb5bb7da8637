"""OpenAI's GLIDE checkpoints (Nichol et al. 2021, arXiv:2112.10741) by diffusers and PyTorch.

The U-Net is guided diffusion's, with a transformer that reads the prompt beside it: what that gives
for each token is attended to with the picture's places, and its last one is added to the time.
A base draws 64 x 64 pixels; a second network enlarges them. Tensors have guided diffusion's names.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.base.errors import InputError, shorten
from core.generation.large.guided_diffusion import Network, Shapes, read_architecture
from core.generation.large.guided_unet import Architecture, Heads

_PAGE = "https://github.com/openai/glide-text2im"


@dataclass(frozen=True, slots=True)
class Reader:
    """The transformer that reads a prompt.

    Attributes:
        vocabulary: tokens it knows, of which the last is the mark of the end.
        length: of a prompt in tokens.
        width: numbers of a token.
        layers, heads: how many there are.
    """

    vocabulary: int = 50_257
    length: int = 128
    width: int = 512
    layers: int = 16
    heads: int = 8


@dataclass(frozen=True, slots=True)
class GlideNetwork(Network):
    """A network of GLIDE that was published, with the ``reader`` of its prompts."""

    reader: Reader = Reader()
    steps: int = 100
    guidance: float = 3.0
    page: str = _PAGE

    @property
    def inpaints(self) -> bool:
        """Whether it is given a picture of which a part is known, too."""
        return self.architecture.takes % 3 == 1

    @property
    def about(self) -> str:
        """A sentence for the person who chooses."""
        filled = ", for parts of a picture" if self.inpaints else ""
        return (
            f"OpenAI's U-Net on pixels that reads the prompt (Nichol et al. 2021){filled}; trained "
            "on pictures without people."
        )


_SMALL = ((192, 384, 576, 768), 3, (False, True, True, True), 0)  # attends at sides of 32, 16, 8
_LARGE = ((192, 192, 384, 384, 768, 768), 2, (False, False, False, True, True, True), 0)
_HEADS = Heads(width=64)
_COSINE, _LINEAR = "squaredcos_cap_v2", "linear"
PUBLISHED = (
    GlideNetwork("GLIDE", 64, Architecture(*_SMALL), _HEADS, _COSINE),
    GlideNetwork("GLIDE, inpainting", 64, Architecture(*_SMALL, takes=7), _HEADS, _COSINE),
)
# By the channels that a base takes: the network that enlarges, and its file as OpenAI named it.
ENLARGING = {
    3: (
        GlideNetwork("GLIDE, enlarging", 256, Architecture(*_LARGE, takes=6), _HEADS, _LINEAR),
        "upsample.pt",
    ),
    7: (
        GlideNetwork(
            "GLIDE, enlarging and inpainting",
            256,
            Architecture(*_LARGE, takes=10),
            _HEADS,
            _LINEAR,
        ),
        "upsample_inpaint.pt",
    ),
}


def reads_text(shapes: Shapes) -> bool:
    """Whether a file's tensors are of a network that reads prompts."""
    return "transformer_proj.weight" in shapes and "token_embedding.weight" in shapes


def drawing(shapes: Shapes, name: str) -> GlideNetwork:
    """Which of the published bases a file of this ``name`` holds, by its tensors.

    Raises:
        InputError: none of them.
    """
    return recognize(shapes, PUBLISHED, name)


def recognize(shapes: Shapes, known: tuple[GlideNetwork, ...], name: str) -> GlideNetwork:
    """Which of those ``known`` a file of this ``name`` holds.

    Raises:
        InputError: none of them.
    """
    found, reader = read_architecture(shapes), _read_reader(shapes)
    for network in known:
        shape = (network.reader.vocabulary, network.reader.length, network.reader.width)
        if network.architecture == found and reader == (*shape, network.reader.layers):
            return network
    why = "its U-Net is of another form than those that were published"
    for one, file in ENLARGING.values():
        if one.architecture == found:
            why = f"it enlarges what a base has drawn, which takes it from beside itself as {file}"
    if found in [network.architecture for network in known]:
        why = f"its reader of prompts is another (tokens, length, width, layers: {reader})"
    raise InputError(
        f"{shorten(name)} cannot be opened: {why}.",
        "Known are GLIDE's base.pt and base_inpaint.pt, as OpenAI published them.",
        "Choose one of these.",
    )


def _read_reader(shapes: Shapes) -> tuple[int, ...]:
    """Tokens, length, width and layers that a file's reader of prompts has."""
    layers = {name.split(".")[2] for name in shapes if name.startswith("transformer.resblocks.")}
    tokens = shapes.get("token_embedding.weight", (0,))[0]
    return (tokens, *shapes.get("positional_embedding", ()), len(layers))


def enlarging(path: Path, network: Network) -> Path | None:
    """The file that enlarges what the base in ``path`` draws, where it lies beside it."""
    found = path.with_name(ENLARGING[network.architecture.takes][1])
    return found if found.is_file() else None
