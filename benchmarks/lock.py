"""Writes requirements.lock: every package that running needs, pinned and with its files' hashes.

It is made from requirements.txt and constraints.txt, for all systems, and names no index: hashes
hold wherever the files come from. ``python3 run.py`` installs by the pins without hashes, since its
small build of PyTorch is other files.
"""

from __future__ import annotations

import subprocess
import sys

from benchmarks.common import ROOT

LOCK = ROOT / "requirements.lock"
OPTIONS = ("--generate-hashes", "--universal", "--python-version", "3.11", "--no-header")


def main() -> int:
    """Status of uv."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "requirements.txt"]
    options = ["-c", "constraints.txt", *OPTIONS, "--no-annotate", "--quiet"]
    return subprocess.run([*command, *options, "-o", str(LOCK)], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
