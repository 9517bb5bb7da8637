"""What keeps hostile files, pages and words from doing harm, checked from the code and settings."""

from __future__ import annotations

import ast
import asyncio
import csv
import io
import re
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

import serve
from core.base.columns import to_csv
from core.export.projector import metadata_tsv
from core.storage import data_home
from core.ui.common.markdown import plain

ROOT = Path(__file__).resolve().parents[1]
SHOWN = sorted([*ROOT.glob("core/ui/**/*.py"), *ROOT.glob("pages/*.py")])
SETTINGS = tomllib.loads((ROOT / ".streamlit/config.toml").read_text(encoding="utf-8"))
FORMULAS = ("=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠x")


def calls(name: str) -> Iterator[tuple[str, ast.Call]]:
    """Each call of a method ``name`` in what the pages show, with its place."""
    for path in SHOWN:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == name:
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((one.value for one in call.keywords if one.arg == name), None)


def test_the_server_answers_this_computer_alone_and_keeps_its_protections() -> None:
    server = SETTINGS["server"]
    assert server["address"] == "localhost"
    assert server["enableXsrfProtection"] is True
    assert server["enableCORS"] is True
    assert set(server["allowedHosts"]) == {"localhost", "127.0.0.1", "::1"}
    assert server.get("enableStaticServing", False) is False
    assert SETTINGS["browser"]["gatherUsageStats"] is False


def test_every_place_to_upload_names_its_types_and_its_limit() -> None:
    found = list(calls("file_uploader"))
    assert len(found) >= 10
    for place, call in found:
        assert keyword(call, "type") is not None, place
        assert keyword(call, "max_upload_size") is not None, place
    for place, call in calls("chat_input"):
        assert keyword(call, "max_upload_size") is not None, place


@pytest.mark.slow
def test_every_download_has_a_name_that_is_safe() -> None:
    """A fixed name, or one whose parts went through ``data_home.safe_name``."""
    found = [*calls("download_button"), *calls("download_csv"), *calls("_download")]
    assert len(found) >= 20
    for place, call in found:
        given = keyword(call, "file_name") or (call.args[2] if len(call.args) > 2 else None)
        assert given is not None, place
        path = ROOT / place.split(":")[0]
        assert safe(given, path.read_text(encoding="utf-8")), place


def safe(given: ast.expr, source: str) -> bool:
    if isinstance(given, ast.Constant):
        return re.fullmatch(r"[a-z0-9-]+\.[a-z]+", str(given.value)) is not None
    if isinstance(given, ast.JoinedStr):
        return all(
            isinstance(part, ast.Constant) or safe(part.value, source)  # type: ignore[attr-defined]
            for part in given.values
        )
    if isinstance(given, ast.Call):
        return ast.unparse(given.func) == "data_home.safe_name"
    told = ast.unparse(given)
    # A digest of the history, an ending from a list beside it, a constant of another module, the
    # parameter of a function whose callers are looked at themselves, or a name made safe above.
    named = {"item.id", "ending", "projector.VECTORS", "projector.METADATA", "file_name"}
    made = rf"^ +{re.escape(told)} = data_home\.safe_name\("
    return told in named or re.search(made, source, re.MULTILINE) is not None


@pytest.mark.parametrize(
    "text",
    ["../../etc/passwd", "a/b\\c", "CON\x00.txt", 'x".exe', "\u202egpj.exe", "<script>", "..", " "],
)
def test_safe_names_lead_nowhere_and_hide_nothing(text: str) -> None:
    name = data_home.safe_name(text)
    assert name
    assert name not in {".", ".."}
    assert re.fullmatch(r"[\w.-]+", name), name
    assert not name.startswith(".")


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_of_a_table_for_people_is_a_formula(text: str) -> None:
    rows = list(csv.reader(io.StringIO(to_csv({text: [text, "a"]}).decode("utf-8-sig"))))
    assert rows[0] == [f"'{text}"]
    assert rows[1] == [f"'{text}"]
    assert rows[2] == ["a"]


def test_numbers_stay_numbers() -> None:
    assert to_csv({"n": [-1, -0.5, "-x"]}).decode("utf-8-sig").split("\r\n")[1:4] == [
        "-1",
        "-0.5",
        "'-x",
    ]


def test_the_projectors_metadata_is_for_a_program_and_stays_as_it_is() -> None:
    assert metadata_tsv({"a": ["=1"], "b": ["x"]}) == b"a\tb\n=1\tx\n"


def test_one_place_writes_tables_for_people() -> None:
    own = {
        ROOT / "core/base/columns.py",
        ROOT / "core/images/public/wga.py",
        ROOT / "core/graphs/tables.py",
    }  # the last two for the app itself, which reads them as they are
    for path in {*ROOT.glob("core/**/*.py"), *ROOT.glob("pages/*.py")} - own:
        text = path.read_text(encoding="utf-8")
        assert "csv.writer" not in text, path
        assert not re.search(r"(?<!tables)\.to_csv\(", text), path


@pytest.mark.parametrize(
    "text",
    [
        "<img src=x onerror=alert(1)>",
        "<script>alert(1)</script>",
        "[a](javascript:alert(1))",
        "![a](http://localhost:1/x.png)",
        "$\\href{javascript:alert(1)}{x}$",
        "`a` **b** _c_ ~d~",
        "# h",
        "> q",
        "- l",
        "1. l",
        ":red[a]",
        ":material/home:",
        "a | b",
        "&lt;b&gt;",
        "http://localhost:1/",
        "www.example.com",
        "a@example.com",
        "<http://localhost:1>",
        "see “https://example.com/a_(b)?q=`x`#y`”, or HTTP://x.",
        "http://",
        "www.",
        "mail a.b+c@example.com, (x@y.z), P@10 or @z.",
    ],
)
def test_data_is_never_read_as_markdown_and_is_copied_as_it_is(text: str) -> None:
    """Addresses, of which remark-gfm makes links, stand as code."""
    [_, inline, _] = MarkdownIt("commonmark").enable("strikethrough").parse(plain(text))
    parts = [(one.type, one.content) for one in inline.children or ()]
    assert "".join(content for _, content in parts) == text
    assert {kind for kind, _ in parts} <= {"text", "text_special", "code_inline"}
    shown = "".join(content for kind, content in parts if kind != "code_inline")
    assert not re.search(r"https?:/|www\.|\w@\w+\.\w", shown, re.IGNORECASE)
    signs = re.sub(r"\\[^a-z0-9]", "", re.sub(r"(`+) ?[^`].*?\1", "", plain(text)))
    assert not re.search(r"[\\`*_{}\[\]()<>#+\-.!|~:$&]", signs), signs


def test_no_code_runs_what_a_file_holds() -> None:
    """Beside pickles, which test_architecture.py looks for."""
    asked = {"eval", "exec", "compile", "__import__"}
    for path in [*ROOT.glob("core/**/*.py"), *ROOT.glob("pages/*.py")]:
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
        names = {
            node.func.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert not names & asked, path
        assert "shell=True" not in text, path
        assert "yaml.load(" not in text, path
        assert "trust_remote_code=True" not in text, path
        for load in re.findall(r"torch\.load\([^)]*\)", text):
            assert "weights_only=True" in load, path


def test_every_answer_is_guarded_and_scripts_alone_are_kept_by_browsers() -> None:
    def headers(path: str, kind: str, status: int = 200) -> dict[str, str]:
        sent: list[dict[str, Any]] = []

        async def inner(scope: Any, receive: Any, send: Any) -> None:
            told = [(b"content-type", kind.encode())]
            await send({"type": "http.response.start", "status": status, "headers": told})

        async def send(message: Any) -> None:
            sent.append(message)

        guarded = serve.GuardHeaders(inner)
        work = guarded({"type": "http", "path": path}, lambda: None, send)  # type: ignore[arg-type]
        with ThreadPoolExecutor(1) as pool:  # Playwright leaves a loop running in this thread
            pool.submit(asyncio.run, work).result()
        return {name.decode(): value.decode() for name, value in sent[0]["headers"]}

    script = "text/javascript; charset=utf-8"
    kept = headers("/base/media/digest.js", script)
    assert kept["cache-control"] == "private, max-age=31536000, immutable"
    assert kept["x-frame-options"] == "DENY"
    for others in (
        headers("/media/digest.js", script, 404),
        headers("/media/digest.bin", "application/octet-stream"),
        headers("/static/app.js", script),
    ):
        assert "cache-control" not in others
        assert others["x-frame-options"] == "DENY"
