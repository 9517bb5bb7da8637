"""Where the app's own files lie."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ASSETS = ROOT / "assets"
# How the verbs are called: the app was installed, or is run where it lies.
COMMAND = "embedding-explorer" if ROOT.name == "_app" else "python -m core"
