"""The modules of a map's chart make one script."""

from __future__ import annotations

import re

from core.charts import scatter_script


def test_the_script_holds_each_module_once_and_no_name_twice() -> None:
    script = scatter_script.script()
    assert not re.findall(r"^(?:import|export)\b.*", script, re.MULTILINE)
    declared = re.findall(r"^(?:async )?(?:const|function|class) (\w+)", script, re.MULTILINE)
    assert len(declared) == len({*declared}), sorted(declared)
    assert declared[-1] == "Scatter"  # after all that it is made of
    for path in scatter_script.FOLDER.glob("*.js"):
        first = path.read_text(encoding="utf-8").partition("\n")[0]
        assert script.count(first) == 1, path.name


def test_parts_of_the_chart_do_not_hide_each_others_methods() -> None:
    parts = re.findall(
        r"^(?:const \w+Part =|class Scatter) \{\n(.*?)^\}",
        scatter_script.script(),
        re.DOTALL | re.MULTILINE,
    )
    methods = re.findall(r"^  (?:async )?(\w+)\(.*\) \{$", "".join(parts), re.MULTILINE)
    assert {"constructor", "paintNames", "histogram"} <= {*methods}
    assert len(methods) == len({*methods}), sorted(methods)
