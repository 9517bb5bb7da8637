"""Learn: lessons whose every step runs the real model on the learner's own words and pictures."""

from core.ui.common import page
from core.ui.help import explain
from core.ui.learn import course, look_inside, reading
from core.ui.session.tool_line import choose_tool

TOOLS = {"Lessons": course, "Look inside": look_inside, "Reading list": reading}

page.under_app()
tool = choose_tool([*TOOLS], page="learn")
TOOLS[tool].show()

explain.show("learn", tool)
