"""The sign of each page, wherever the app names it."""

from __future__ import annotations

ICONS = {
    "home": ":material/home:",
    "words": ":material/calculate:",
    "sentences": ":material/notes:",
    "images": ":material/image:",
    "map": ":material/scatter_plot:",
    "generate": ":material/brush:",
    "graph": ":material/hub:",
    "train": ":material/model_training:",
    "learn": ":material/school:",
    "storage": ":material/hard_drive:",
}
