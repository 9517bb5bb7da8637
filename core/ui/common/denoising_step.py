"""A step of denoising: the picture with its noise, and below it the one that is foreseen there."""

from __future__ import annotations

import streamlit as st

from core.generation.trace import Seen

WIDTH = 110  # pixels


def show(step: Seen, number: int, of: str, foreseen: tuple[str, str]) -> None:
    """The step ``number``, from 1.

    Args:
        of: what is drawn, for who does not see it.
        foreseen: what the second picture is called, below it and for who does not see it.
    """
    with st.container(width=WIDTH, gap="xsmall"):
        st.image(
            step.noisy,
            width=WIDTH,
            caption=f"{number}: {step.share:.0%} noise",
            alt=f"{of}, step {number}, with noise",
        )
        st.image(
            step.clean,
            width=WIDTH,
            caption=f"{foreseen[0]}, {step.likeness:.2f}",
            alt=f"{of}, step {number}, {foreseen[1]}",
        )
