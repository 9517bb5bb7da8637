"""Who may import whom, and what no file may hold, checked from the code.

One test a rule; what breaks it is listed, one line each.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from core.base import errors
from core.spaces.vocabulary_files import Loaded
from core.storage.data_home import data_home

ROOT = Path(__file__).resolve().parents[1]
# A package imports itself and those of earlier lines, never its neighbours on the same line.
LAYERS = (
    ("base",),
    ("readers", "storage"),
    ("knn", "export"),
    ("spaces", "maps", "review", "attribution", "databases"),
    ("images", "sentences", "formula"),
    ("words", "generation", "shelf", "heads", "graphs"),
    ("training", "cli", "charts", "inventory", "lessons"),
    ("cache",),
    ("ui",),
)
LEVEL = {package: level for level, line in enumerate(LAYERS) for package in line}
# The same within ui: a page's panels import what all pages share, never another page's panels.
UI_LAYERS = (
    ("help",),
    ("common",),
    ("session",),
    ("choosers",),
    ("words", "sentences", "images", "map", "generate", "graph", "train", "home", "learn"),
)
UI_LEVEL = {package: level for level, line in enumerate(UI_LAYERS) for package in line}
HEAVY = {
    *("torch", "umap", "diffusers", "spacy", "sentence_transformers", "transformers"),
    *("numba", "openTSNE", "pykeen", "duckdb", "pymilvus", "psycopg", "lancedb"),
}
# Networks need torch at once, compiled loops numba; others import them when needed.
NEEDS_HEAVY = (
    "core.spaces.encoders.efficientnet_trunk",
    "core.spaces.encoders.imagenet_head",
    "core.spaces.encoders.minilm_network",
    "core.spaces.encoders.minilm_picture_network",
    "core.generation.large.glide_sampling",
    "core.generation.large.glide_unet",
    "core.generation.large.guided_classifier",
    "core.generation.small.autoencoder",
    "core.generation.small.network",
    "core.generation.small.pipeline",
    "core.training",
    "core.heads.losses",
    "core.heads.network",
    "core.heads.steps",
    "core.graphs.product_losses",
    "core.graphs.pykeen_backend",
    "core.graphs.tail_loop",
    "core.knn.kernels",
    "core.maps.methods.placing_loops",
    "core.maps.methods.tsne_forces",
    "core.maps.methods.tsne_grid",
    "core.maps.methods.umap_layout",
)
SHOWS = ("cache", "ui", "pages", "app", "serve")  # packages that may import Streamlit
FOR_PAGES = ("base", "cache", "ui")  # what pages may import
PAGE_LINES = 150  # pages are thin
SHOWN_TO_EYES = {"plotly_chart", "image", "dataframe", "data_editor"}
BROAD = {"Exception", "BaseException"}


@cache
def trees() -> dict[Path, tuple[str, ast.Module]]:
    """Text and tree of every file of the app, each read once."""
    wanted = ("core/**/*.py", "embedding_explorer/*.py", "pages/*.py", "*.py")
    paths = sorted(path for form in wanted for path in ROOT.glob(form))
    texts = {path.relative_to(ROOT): path.read_text(encoding="utf-8") for path in paths}
    return {path: (text, ast.parse(text)) for path, text in texts.items()}


def package(name: str) -> str:
    """``core.ui.words.formula`` is of ``ui``, ``pages.words`` of ``pages``."""
    parts = name.split(".")
    return parts[1] if parts[0] == "core" and len(parts) > 1 else parts[0]


def module(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


@cache
def imports(tree: ast.Module, *, top_only: bool = False) -> tuple[str, ...]:
    """Full names of what a file imports; with ``top_only`` not those inside functions."""
    names: list[str] = []
    for node in ast.iter_child_nodes(tree) if top_only else ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return tuple(names)


def of(name: str, *packages: str) -> bool:
    return any(name == one or name.startswith(f"{one}.") for one in packages)


def breaches(level: dict[str, int], part: int, root: str) -> list[str]:
    """Imports that go up or to the side; ``part`` says which part of a name is its package."""
    found = []
    for path, (_, tree) in trees().items():
        own = module(path).split(".")
        if not of(module(path), root) or len(own) <= part:
            continue
        assert own[part] in level or own[part] == "__main__", f"{path} stands in no layer"
        for name in imports(tree):
            other = name.split(".")
            if of(name, root) and len(other) > part and other[part] != own[part]:
                here, there = level.get(own[part], len(level)), level.get(other[part], -1)
                if there >= here:
                    found.append(f"{path} imports {name}")
    return found


def test_packages_import_only_what_lies_below_them() -> None:
    broken = breaches(LEVEL, 1, "core")
    for path, (_, tree) in trees().items():
        below = of(module(path), "core")
        for name in imports(tree):
            up = below and of(name, "pages", "app")
            # pages are made of panels and caches, and know no feature
            above = not below and not of(module(path), "embedding_explorer")  # which runs verbs
            around = above and of(name, "core") and package(name) not in FOR_PAGES
            trains = of(name, "core.training") and not of(module(path), "core.training")
            if up or around or trains:
                broken.append(f"{path} imports {name}")
    assert not broken, "\n".join(broken)


def test_panels_of_one_page_import_none_of_another() -> None:
    broken = breaches(UI_LEVEL, 2, "core.ui")
    assert not broken, "\n".join(broken)


def test_no_module_imports_itself_in_a_circle() -> None:
    modules = {module(path): tree for path, (_, tree) in trees().items()}
    needs = {
        name: {
            other
            for found in imports(tree)
            for other in (found, found.rpartition(".")[0])
            if other in modules and other != name
        }
        for name, tree in modules.items()
    }
    broken, done = [], set[str]()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        if name in trail:
            broken.append(" -> ".join([*trail[trail.index(name) :], name]))
        elif name not in done:
            for other in sorted(needs[name]):
                visit(other, (*trail, name))
            done.add(name)

    for name in modules:
        visit(name, ())
    assert not broken, "\n".join(broken)


def test_only_pages_and_their_parts_import_streamlit_and_one_package_caches() -> None:
    broken = []
    for path, (text, tree) in trees().items():
        own = package(module(path))
        if own not in SHOWS and any(of(name, "streamlit") for name in imports(tree)):
            broken.append(f"{path} imports streamlit")
        if own != "cache" and "st.cache_" in text:
            broken.append(f"{path} caches")
    assert not broken, "\n".join(broken)


def test_heavy_libraries_are_imported_where_they_are_first_used() -> None:
    broken = [
        f"{path} imports {name} at its top"
        for path, (_, tree) in trees().items()
        if not of(module(path), *NEEDS_HEAVY)
        for name in imports(tree, top_only=True)
        if of(name, *HEAVY, "faiss", *NEEDS_HEAVY)
    ]
    assert not broken, "\n".join(broken)


def test_the_foundation_imports_nothing_but_numpy_and_the_standard_library() -> None:
    broken = [
        f"{path} imports {name}"
        for path, (_, tree) in trees().items()
        if module(path) in ("core.base.types", "core.base.errors", "core.base.vectors")
        for name in imports(tree)
        if not of(name, "core.base", "numpy", "PIL")  # a type of Pillow, to check
        and name.split(".")[0] not in sys.stdlib_module_names
    ]
    assert not broken, "\n".join(broken)


def test_pages_are_thin() -> None:
    long = {
        str(path): lines
        for path, (text, _) in trees().items()
        if package(module(path)) == "pages" and (lines := len(text.splitlines())) > PAGE_LINES
    }
    assert not long


def test_no_pickle_is_opened_and_no_data_becomes_html() -> None:
    broken = []
    for path, (text, tree) in trees().items():
        for name in imports(tree):
            # an error to catch opens nothing
            if of(name, "pickle", "joblib", "dill") and name != "pickle.UnpicklingError":
                broken.append(f"{path} imports {name}")
        for part in ("allow_pickle=True", "unsafe_allow_html", "st.html"):
            # the page's style is a constant file
            if part in text and (part, str(path)) != ("st.html", "core/ui/common/style.py"):
                broken.append(f"{path} has {part}")
    assert not broken, "\n".join(broken)


def test_one_module_unpacks_what_is_packed() -> None:
    # its limits are those of all archives
    broken = []
    for path, (_, tree) in trees().items():
        if path.as_posix() == "core/readers/archives.py":
            continue
        broken += [
            f"{path} imports {name}"
            for name in imports(tree)
            if of(name, "tarfile", "gzip", "bz2", "lzma")
        ]
        for node in ast.walk(tree):
            opens = isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "ZipFile"
            if opens and not (len(node.args) > 1 and getattr(node.args[1], "value", "") == "w"):
                broken.append(f"{path}:{node.lineno} reads a ZIP archive")
    assert not broken, "\n".join(broken)


def test_only_the_data_home_makes_out_what_a_tilde_stands_for() -> None:
    # its given_path tells of a user who is not there
    broken = [str(path) for path, (text, _) in trees().items() if "expanduser" in text]
    assert broken == ["core/storage/data_home.py"]


def test_no_broad_except() -> None:
    broken = []
    for path, (_, tree) in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ExceptHandler):
                caught = ast.walk(node.type) if node.type else ()
                names = {part.id for part in caught if isinstance(part, ast.Name)}
                if node.type is None or names & BROAD:
                    broken.append(f"{path}:{node.lineno}")
    assert not broken, "\n".join(broken)


def test_all_that_is_seen_has_words_for_those_who_do_not_see_it() -> None:
    broken = []
    for path, (_, tree) in trees().items():
        if not any(of(name, "streamlit") for name in imports(tree)):
            continue
        for node in ast.walk(tree):
            shows = isinstance(node, ast.Call) and getattr(node.func, "attr", "") in SHOWN_TO_EYES
            if shows and "alt" not in {keyword.arg for keyword in node.keywords}:
                broken.append(f"{path}:{node.lineno}")
    assert not broken, "\n".join(broken)


def run(*arguments: str, home: Path) -> str:
    """What a fresh Python prints; fails with its errors."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, "EMBEDDING_EXPLORER_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_enter_in_one_of_several_boxes_sends_no_form() -> None:
    boxes = {"text_input", "text_area", "number_input", "file_uploader"}
    by_accident = []
    for path, (_, tree) in trees().items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.With):
                continue
            calls = [one for one in ast.walk(node) if isinstance(one, ast.Call)]
            names = [getattr(one.func, "attr", "") for one in calls]
            forms = [one for one in calls if getattr(one.func, "attr", "") == "form"]
            said = {word.arg for one in forms for word in one.keywords}
            if forms and sum(map(boxes.__contains__, names)) > 1 and "enter_to_submit" not in said:
                by_accident.append(f"{path}:{node.lineno}")
    assert by_accident == []


def test_the_first_page_imports_no_heavy_library(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from streamlit.testing.v1 import AppTest\n"
        "page = AppTest.from_file('app.py', default_timeout=60).run()\n"
        "assert not page.exception, page.exception\n"
        "assert page.title[0].value == 'Home'\n"
        "print(sorted(sys.modules))\n"
    )
    loaded = set(ast.literal_eval(run("-c", code, home=tmp_path).splitlines()[-1]))
    assert not loaded & (HEAVY | {"faiss", "sklearn", "scipy", "pandas"})


def test_the_command_line_loads_nothing_of_streamlit(minilm: Loaded) -> None:
    code = (
        "import sys\n"
        "from core.cli.main import main\n"
        "status = main(['words', 'apple', '--space', 'minilm', '--json'])\n"
        "status = status or main(['spaces', '--json'])\n"
        "assert not status, status\n"
        "print(sorted(name for name in sys.modules if name.split('.')[0] == 'streamlit'))\n"
    )
    assert run("-c", code, home=data_home()).splitlines()[-1] == "[]"


def public_functions() -> Iterator[tuple[str, ast.FunctionDef, str]]:
    """Place, tree and docstring of each public function and method of a public class."""
    for path, (_, tree) in trees().items():
        classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
        for holder in (tree, *(node for node in classes if not node.name.startswith("_"))):
            for node in holder.body:
                if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                    yield f"{path}:{node.lineno} {node.name}", node, ast.get_docstring(node) or ""


def test_who_takes_or_gives_arrays_says_their_shapes() -> None:
    named = {
        ast.unparse(node.targets[0])
        for _, tree in trees().values()
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.value).startswith("npt.NDArray[")
    }
    arrays = re.compile(rf"\b({'|'.join(sorted(named))}|NDArray|ndarray|Encoded)\b")
    shape = re.compile(r"``\([^`]*\)``")
    broken = []
    for place, node, told in public_functions():
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        types = [argument.annotation for argument in arguments] + [node.returns]
        spelled = " ".join(ast.unparse(one) for one in types if one is not None)
        if arrays.search(spelled) and not shape.search(told):
            broken.append(place)
    assert not broken, "\n".join(broken)


def test_who_raises_says_so() -> None:
    """One of our errors, or one that it is a kind of, stands in the docstring."""
    ours = {
        name: {kind.__name__ for kind in error.__mro__ if issubclass(kind, errors.ExplorerError)}
        for name, error in vars(errors).items()
        if isinstance(error, type) and issubclass(error, errors.ExplorerError)
    }
    makers = {  # of errors: ``raise _damaged(path)``
        (str(path), node.name): ast.unparse(node.returns)
        for path, (_, tree) in trees().items()
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.returns is not None
    }
    broken = []
    for place, node, told in public_functions():
        for part in ast.walk(node):
            if isinstance(part, ast.Raise) and isinstance(part.exc, ast.Call):
                raised = ast.unparse(part.exc.func)
                error = makers.get((place.split(":")[0], raised), raised)
                if error in ours and not ours[error] & set(re.findall(r"\w+", told)):
                    broken.append(f"{place} raises {error}")
    assert not broken, "\n".join(broken)


def test_the_design_names_every_room() -> None:
    text = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    rooms = re.search(r"^## Rooms\n.*?```\n(.*?)```", text, re.DOTALL | re.MULTILINE)
    assert rooms
    named = {line.split()[0].rstrip("/") for line in rooms[1].splitlines() if line.strip()}
    real = {
        folder.relative_to(ROOT).as_posix()
        for folder in [ROOT / "core", *(ROOT / "core").rglob("*")]
        if folder.is_dir() and any(folder.glob("*.py"))
    }
    assert {name for name in named if name.startswith("core")} == real
