"""What is known of a large public model: size, work, licence; for the list of them."""

from __future__ import annotations

from dataclasses import dataclass

BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}  # of one number


@dataclass(frozen=True, slots=True)
class LargeSpec:
    """A model that is known by name.

    Attributes:
        repository: on the hub.
        about: one or two sentences for the person who chooses.
        licence: what it may be used for, in short.
        parameters: of all its networks together, in billions.
        plain_bytes, half_bytes: what is downloaded where it is to compute in single precision,
            and in half; about, in billions.
        working: memory beside its weights for a picture of ``side``, in single precision; about,
            in billions of bytes.
        side: width and height of the pictures it was trained on, in pixels.
        steps, guidance: what suits it. Guidance 1 is none.
        step_work: what one pass through its network costs at ``side``, in billions of
            multiplications with addition; about.
        rest_work: the same of reading the prompt and decoding the picture.
        gated: whether the hub gives it only to accounts that accepted its terms.
        pickled: whether the hub has its weights only as pickled files.
    """

    name: str
    repository: str
    title: str
    about: str
    licence: str
    parameters: float
    plain_bytes: float
    half_bytes: float
    working: float
    side: int
    steps: int
    guidance: float
    step_work: float
    rest_work: float
    gated: bool = False
    pickled: bool = False

    @property
    def page(self) -> str:
        """Address of its page on the hub."""
        return f"https://huggingface.co/{self.repository}"

    def memory(self, dtype: str) -> int:
        """Bytes of memory it wants, about: its weights, and room to work."""
        size = BYTES[dtype]
        return round((self.parameters * size + self.working * size / 4) * 1e9)
