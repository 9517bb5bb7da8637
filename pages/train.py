"""Train: an embedding of your own, on the vectors of pictures and texts."""

from core.ui.common import demo, page
from core.ui.help import explain
from core.ui.session.tool_line import choose_tool
from core.ui.train import clicks, head, painting, words

TOOLS = {
    "Head": head,
    "From clicks": clicks,
    "A painting of mine": painting,
    "Word vectors": words,
}

page.under_app()
tool = choose_tool(list(TOOLS), page="train")
if not demo.off("Training"):
    TOOLS[tool].show()

explain.show("train", tool)
