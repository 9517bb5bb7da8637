"""Names the benchmarks: `python3 run.py bench NAME`."""

from __future__ import annotations

import ast

from benchmarks.common import ROOT

for path in sorted((ROOT / "benchmarks").glob("*.py")):
    if path.stem not in ("__init__", "common", "list"):
        about = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        print(f"{path.stem:<16} {about.splitlines()[0]}")
