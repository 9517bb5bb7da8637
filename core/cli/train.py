"""``python -m core train``: an embedding of one's own; what is trained is a module each."""

from __future__ import annotations

import argparse
from typing import Any

from core.cli import train_clicks, train_head, train_words

HELP = "Trains an embedding of your own."
ACTIONS = {"clicks": train_clicks, "head": train_head, "words": train_words}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can be trained, each with its own arguments."""
    actions = parser.add_subparsers(dest="action", required=True)
    for name, module in ACTIONS.items():
        action = actions.add_parser(name, help=module.HELP, description=module.HELP)
        module.add_arguments(action)
        # The verb's own option is not seen behind an action.
        action.add_argument("--json", action="store_true", default=argparse.SUPPRESS)


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Trains, in the form that the docs state."""
    answer: dict[str, Any] = ACTIONS[options.action].run(options)
    return answer


def show(result: dict[str, Any]) -> str:
    """The answer for a person."""
    text: str = ACTIONS[result["trained"]].show(result)
    return text
