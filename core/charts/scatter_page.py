"""A map as one HTML file: chart, search, filters and legend, without a server."""

from __future__ import annotations

import base64
import html as html_text
import json
from collections.abc import Callable
from typing import Any

from core.charts import scatter_script
from core.charts.scatter import Put

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; --st-text-color: #101116; --st-background-color: #fff; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --st-text-color: #fafafa; --st-background-color: #0e1117;
    --st-secondary-background-color: #262730; }}
}}
body {{ margin: 16px; background: var(--st-background-color); color: var(--st-text-color);
  font-family: "Source Sans", "Source Sans Pro", system-ui, sans-serif; }}
h1 {{ margin: 0 0 12px; font-size: 1.5rem; line-height: 1.2; overflow-wrap: anywhere; }}
{style}
</style>
<h1>{title}</h1>
<div id="map"></div>
<script>{plotly}</script>
<script type="application/json" id="recipe">{recipe}</script>
<script type="application/json" id="data">{data}</script>
<script type="module">
{script}
const data = JSON.parse(document.getElementById("data").textContent);
mount({{ parentElement: document.getElementById("map"), data, setStateValue: () => {{}} }});
</script>
</html>
"""
Draw = Callable[[Put], dict[str, Any]]  # gives the chart's data, whose files ``Put`` keeps


def html(title: str, draw: Draw, recipe: str) -> str:
    """The page; ``draw`` gives the chart's data, ``recipe`` (JSON) what makes the map again."""
    from plotly.offline import get_plotlyjs

    data = draw(as_data) | {"plotly": "", "selection": None}
    return _PAGE.format(
        title=html_text.escape(title),
        style=scatter_script.style(),
        plotly=get_plotlyjs(),
        recipe=_in_script(recipe),
        data=_in_script(json.dumps(data, ensure_ascii=False)),
        script=scatter_script.script(),
    )


def as_data(data: bytes, kind: str) -> str:
    """Bytes as a ``data:`` address."""
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def _in_script(text: str) -> str:
    """JSON that cannot end the script element that it stands in."""
    return text.replace("<", "\\u003c")
