"""The audit of libraries calls nothing clean that it did not see."""

from __future__ import annotations

import pytest

from benchmarks.audit import conclude, read_report

SEEN = {"name": "a", "version": "1", "vulns": []}
WEAK = {"name": "b", "version": "2", "vulns": [{"id": "PYSEC-1"}, {"id": "CVE-2"}]}
UNSEEN = {"name": "c", "skip_reason": "not found on the index"}


@pytest.mark.parametrize(
    ("packages", "explanations", "status", "told"),
    [
        ([SEEN], "", 0, "1 of 1 packages were audited."),
        ([SEEN, UNSEEN], "", 2, "nothing is known of them"),
        ([SEEN, WEAK], "PYSEC-1 is not reached", 1, "1 of 2 findings are not explained."),
        ([UNSEEN, WEAK], "", 1, "2 of 2 findings are not explained."),
        ([SEEN, WEAK], "PYSEC-1, CVE-2", 0, "2 findings, all explained"),
    ],
)
def test_what_was_not_audited_or_not_explained_is_no_clean_result(
    packages: list[object], explanations: str, status: int, told: str
) -> None:
    code, text = conclude(read_report({"dependencies": packages}), explanations)
    assert code == status
    assert told in text
