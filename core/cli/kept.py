"""``python -m core.cli.kept``: verbs for one caller after another, with models staying open.

It reads lines of JSON, ``{"arguments": ["encode", …]}``, and answers each by one, ``{"result": …}``
as ``--json`` gives it, or ``{"error": {"type", "given", "expected", "remedy"}}``. Progress goes to
standard error. It ends with its standard input.
"""

from __future__ import annotations

import json
import sys

from core.base.child_process import take_stdout, write_line
from core.base.errors import ExplorerError
from core.cli import main


def serve() -> None:
    """Answers until there is nothing more to read."""
    answers = take_stdout()
    for line in sys.stdin:
        try:
            write_line(answers, {"result": main.answer(json.loads(line)["arguments"])})
        except ExplorerError as error:
            parts = {"given": error.given, "expected": error.expected, "remedy": error.remedy}
            write_line(answers, {"error": {"type": type(error).__name__} | parts})


if __name__ == "__main__":
    serve()
