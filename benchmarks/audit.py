"""Known weaknesses of all pinned packages, by pip-audit; what is found must be explained.

Asks the package index about every line of constraints.txt. An index that does not tell weaknesses
(many mirrors do not) leaves packages unaudited, which counts as no clean result. A finding is
explained where docs/security.md names it. Exit status: 0 all audited and explained, 1 a finding is
not explained, 2 something could not be audited.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.common import ROOT

TOOL = "pip-audit==2.10.1"  # run by uv in an environment of its own
EXPLANATIONS = ROOT / "docs" / "security.md"


@dataclass(frozen=True)
class Audit:
    """What came back: names that were audited, those that were not, and findings by name."""

    audited: list[str]
    unaudited: list[str]
    findings: list[tuple[str, str]]

    def unexplained(self, explanations: str) -> list[tuple[str, str]]:
        """The findings (package with version, name of the weakness) that are nowhere explained."""
        return [one for one in self.findings if one[1] not in explanations]


def read_report(report: dict[str, Any]) -> Audit:
    """The audit in pip-audit's JSON."""
    packages = report["dependencies"]
    return Audit(
        [one["name"] for one in packages if "version" in one],
        [one["name"] for one in packages if "version" not in one],
        [
            (f"{one['name']} {one['version']}", weakness["id"])
            for one in packages
            for weakness in one.get("vulns", [])
        ],
    )


def run_audit(requirements: Path, *options: str) -> Audit:
    """Runs pip-audit on pinned requirements."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [sys.executable, "-m", "uv", "tool", "run", TOOL, "-r", str(requirements)]
        told = ["--no-deps", "--disable-pip", "--format", "json", "--output", str(report)]
        done = subprocess.run(
            [*command, *told, *options], capture_output=True, text=True, check=False
        )
        if not report.exists():
            raise SystemExit(f"pip-audit wrote no report:\n{done.stderr[-2_000:]}")
        return read_report(json.loads(report.read_text(encoding="utf-8")))


def conclude(audit: Audit, explanations: str) -> tuple[int, str]:
    """The exit status and what is told."""
    open_ = audit.unexplained(explanations)
    count = len(audit.audited) + len(audit.unaudited)
    lines = [
        f"{len(audit.audited)} of {count} packages were audited.",
        *(f"{package}: {weakness}" for package, weakness in audit.findings),
    ]
    if open_:
        lines.append(f"{len(open_)} of {len(audit.findings)} findings are not explained.")
        return 1, "\n".join(lines)
    if audit.unaudited:
        lines.append("This index tells no weaknesses of the others, so nothing is known of them.")
        return 2, "\n".join(lines)
    lines.append(f"{len(audit.findings)} findings, all explained in docs/security.md.")
    return 0, "\n".join(lines)


if __name__ == "__main__":
    explained = EXPLANATIONS.read_text(encoding="utf-8")
    status, text = conclude(run_audit(ROOT / "constraints.txt", *sys.argv[1:]), explained)
    print(text)
    sys.exit(status)
