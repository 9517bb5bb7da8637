"""Who may import whom, checked from the code; and what the first page may not import."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CODE = sorted([*ROOT.glob("core/**/*.py"), *ROOT.glob("pages/*.py"), ROOT / "app.py"])
PAGES = sorted(ROOT.glob("pages/*.py"))
HEAVY = {
    *("torch", "umap", "diffusers", "spacy", "sentence_transformers", "transformers"),
    *("numba", "openTSNE", "pykeen"),
}
LIGHT = ("types", "errors", "catalog", "vectors")
BACKENDS = ("encoders", "indexes", "datasets", "projections")
# Modules that define networks or train them need torch at once, compiled loops need numba; others
# import them when needed.
NEED_TORCH = (
    "core.encoders.picture_network",
    "core.generation.autoencoder",
    "core.generation.network",
    "core.generation.pipeline",
    "core.training",
    "core.graphs.pykeen_parts",
)
NEED_NUMBA = (
    "core.compiled",
    "core.projections.placing_loops",
    "core.projections.tsne_forces",
    "core.projections.umap_layout",
)
CACHES = (
    "core/resources.py",
    "core/resources_generate.py",
    "core/resources_graphs.py",
    "core/resources_home.py",
    "core/resources_key_points.py",
    "core/resources_maps.py",
    "core/resources_pictures.py",
)
SHOWS_PAGES = (*CACHES, "core/widgets.py", "core/job_bar.py", "core/panels/", "pages/", "app.py")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(path: Path, *, top_only: bool = False) -> Iterator[str]:
    """Full names of the modules a file imports; with ``top_only`` not those inside functions."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = ast.iter_child_nodes(tree) if top_only else ast.walk(tree)
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def of(found: str, *packages: str) -> bool:
    return any(found == package or found.startswith(f"{package}.") for package in packages)


@pytest.mark.parametrize("path", CODE, ids=name)
def test_only_page_code_imports_streamlit(path: Path) -> None:
    if not name(path).startswith(SHOWS_PAGES):
        assert not [found for found in imports(path) if of(found, "streamlit")]


@pytest.mark.parametrize("path", CODE, ids=name)
def test_only_resources_caches(path: Path) -> None:
    if name(path) not in CACHES:
        assert "st.cache_" not in path.read_text(encoding="utf-8")


def test_the_design_names_who_caches_and_who_imports_streamlit() -> None:
    text = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    found = re.search(r"resources\((.*)\) +the modules with Streamlit's caches", text)
    assert found
    told = {f"core/resources{part}.py" for part in ("", *found[1].split())}
    assert told == set(CACHES)
    found = re.search(r"Only ([\w, .]+) import\s+Streamlit", " ".join(text.split()))
    assert found
    shows = {Path(place).stem for place in SHOWS_PAGES if place not in CACHES} | {"resources"}
    assert {word.removesuffix(".py") for word in re.split(r", | and ", found[1])} == shows


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_pages_import_neither_backends_nor_each_other(path: Path) -> None:
    forbidden = [f"core.{backend}" for backend in BACKENDS] + ["pages"]
    assert not [found for found in imports(path) if of(found, *forbidden)]


@pytest.mark.parametrize("path", CODE, ids=name)
def test_core_never_imports_pages_and_only_pages_import_panels(path: Path) -> None:
    if name(path).startswith("core/"):
        assert not [found for found in imports(path) if of(found, "pages", "app")]
        if not name(path).startswith("core/panels/"):
            assert not [found for found in imports(path) if of(found, "core.panels")]


@pytest.mark.parametrize("path", CODE, ids=name)
def test_heavy_libraries_are_imported_where_they_are_first_used(path: Path) -> None:
    module = name(path).removesuffix(".py").replace("/", ".")
    if not of(module, *NEED_TORCH, *NEED_NUMBA):
        heavy = (*HEAVY, "faiss", *NEED_TORCH, *NEED_NUMBA)
        assert not [found for found in imports(path, top_only=True) if of(found, *heavy)]


@pytest.mark.parametrize("path", CODE, ids=name)
def test_the_app_never_trains_its_own_models(path: Path) -> None:
    if not name(path).startswith("core/training/"):
        assert not [found for found in imports(path) if of(found, "core.training")]


@pytest.mark.parametrize("module", LIGHT)
def test_the_foundation_imports_nothing_but_numpy_and_itself(module: str) -> None:
    for found in imports(ROOT / "core" / f"{module}.py"):
        top = found.split(".")[0]
        own = of(found, *(f"core.{light}" for light in LIGHT)) or found == "core"
        assert own or top == "numpy" or top in sys.stdlib_module_names, found


@pytest.mark.parametrize("backend", BACKENDS)
def test_backends_import_only_their_own_kind(backend: str) -> None:
    others = [f"core.{other}" for other in BACKENDS if other != backend]
    for path in ROOT.glob(f"core/{backend}/*.py"):
        assert not [found for found in imports(path) if of(found, *others)], name(path)


@pytest.mark.parametrize("path", CODE, ids=name)
def test_files_are_short(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= (150 if path in PAGES else 260)


@pytest.mark.parametrize("path", CODE, ids=name)
def test_no_pickle_is_opened_and_no_data_becomes_html(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    used = {found for found in imports(path) if of(found, "pickle", "joblib", "dill")}
    if "from pickle import UnpicklingError" in text:  # an error to catch, which opens nothing
        used -= {"pickle", "pickle.UnpicklingError"}
    assert not used
    assert "allow_pickle=True" not in text
    assert "unsafe_allow_html" not in text
    assert "st.html" not in text


@pytest.mark.parametrize("path", CODE, ids=name)
def test_only_the_store_makes_out_what_a_tilde_stands_for(path: Path) -> None:
    if name(path) != "core/store.py":  # whose given_path tells of a user who is not there
        assert "expanduser" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", CODE, ids=name)
def test_no_broad_except(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, f"bare except, line {node.lineno}"
            broad = {"Exception", "BaseException"} & {
                part.id for part in ast.walk(node.type) if isinstance(part, ast.Name)
            }
            assert not broad, f"broad except, line {node.lineno}"


def test_the_first_page_imports_no_heavy_library(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from streamlit.testing.v1 import AppTest\n"
        "page = AppTest.from_file('app.py', default_timeout=60).run()\n"
        "assert not page.exception, page.exception\n"
        "assert page.title[0].value == 'Embedding Explorer'\n"
        "print(sorted(sys.modules))\n"
    )
    env = {**os.environ, "EMBEDDING_EXPLORER_HOME": str(tmp_path)}
    found = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    loaded = set(ast.literal_eval(found.stdout.splitlines()[-1]))
    assert not loaded & (HEAVY | {"faiss", "sklearn", "scipy", "pandas"})


@pytest.mark.parametrize("path", CODE, ids=name)
def test_all_that_is_seen_has_words_for_those_who_do_not_see_it(path: Path) -> None:
    seen = {"plotly_chart", "image", "dataframe", "data_editor"}
    shows = "streamlit" in imports(path)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in seen:
            given = {keyword.arg for keyword in node.keywords}
            assert not shows or "alt" in given, f"line {node.lineno} has no alt"


@pytest.mark.parametrize("path", CODE, ids=name)
def test_no_button_has_white_text_on_the_light_blue_of_the_dark_theme(path: Path) -> None:
    assert 'type="primary"' not in path.read_text(encoding="utf-8")
