"""The set-up script installs once, again when the requirements change, and passes options on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

import run
from core.ui.common import access


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands the script would run, in a folder of its own."""
    made: list[list[str]] = []

    def note(*command: object, env: dict[str, str] | None = None, quiet: bool = False) -> int:
        made.append([str(part) for part in command])
        return 0

    monkeypatch.setattr(run, "ROOT", tmp_path)
    monkeypatch.setattr(run, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(run, "PYTHON", tmp_path / ".venv" / "python")
    monkeypatch.setattr(run, "TORCH", tmp_path / ".venv" / "torch-build")
    monkeypatch.setattr(run, "has_gpu", lambda: True)
    monkeypatch.setattr(run, "uv_environment", dict)
    monkeypatch.setattr(run, "run", note)
    monkeypatch.setattr(run, "check", note)
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "python").touch()
    for name in ("requirements.txt", "requirements-dev.txt", "constraints.txt"):
        (tmp_path / name).write_text(name)
    return made


def test_what_is_installed_is_not_installed_again(calls: list[list[str]]) -> None:
    run.install("requirements.txt")
    assert [command[2:4] for command in calls] == [["pip", "install"], ["uv", "pip"]]
    calls.clear()
    run.install("requirements.txt")
    assert calls == []
    (run.ROOT / "constraints.txt").write_text("changed")
    run.install("requirements.txt")
    assert len(calls) == 2


def test_a_failed_installation_is_tried_again(
    calls: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*command: object, env: dict[str, str] | None = None) -> None:
        raise run.subprocess.CalledProcessError(7, command)

    monkeypatch.setattr(run, "check", fail)
    assert run.main([]) == 7
    assert not list(run.VENV.glob("installed-*"))


def test_the_small_build_of_pytorch_is_remembered(calls: list[list[str]]) -> None:
    assert run.main(["--cpu", "--server.port", "8600"]) == 0
    install = next(command for command in calls if "uv" in command)
    assert install[-2:] == ["--torch-backend", "cpu"]
    assert calls[-1][1:] == ["-m", "embedding_explorer", "--server.port", "8600"]
    calls.clear()
    (run.ROOT / "requirements.txt").write_text("changed")
    run.main([])
    assert any("--torch-backend" in command for command in calls)


@pytest.mark.parametrize(
    ("gpu", "answers", "build", "told"),
    [
        (True, True, "gpu", ""),
        (False, True, "cpu", "the small build"),
        (False, False, "gpu", "out of reach"),
    ],
)
def test_the_build_of_pytorch_is_what_this_computer_needs(
    calls: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    gpu: bool,
    answers: bool,
    build: str,
    told: str,
) -> None:
    monkeypatch.setattr(run, "has_gpu", lambda: gpu)
    monkeypatch.setattr(run, "answers_for_cpu", lambda: answers)
    monkeypatch.setattr(run.sys, "platform", "linux")
    assert run.main([]) == 0
    assert run.TORCH.read_text() == build
    assert any("--torch-backend" in command for command in calls) is (build == "cpu")
    said = capsys.readouterr().out
    assert (told in said) if told else ("GPU" not in said)
    calls.clear()
    assert run.main(["--cpu" if build == "gpu" else "--gpu"]) == 0  # installed anew as it is said
    assert any("--torch-backend" in command for command in calls) is (build == "gpu")
    calls.clear()
    assert run.main([]) == 0  # and remembered
    assert [command[1:] for command in calls if "uv" in command] == []


def test_whether_the_small_build_is_in_reach_is_asked_without_installing(
    calls: list[list[str]],
) -> None:
    assert run.answers_for_cpu()
    assert "--dry-run" in calls[-1]
    assert calls[-1][calls[-1].index("--torch-backend") + 1] == "cpu"


def test_a_file_is_opened_from_wherever_it_is_named(
    calls: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "v.parquet").touch()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert run.main(["v.parquet", "--server.port", "8600"]) == 0
    named = str(tmp_path / "elsewhere" / "v.parquet")
    assert calls[-1][1:] == ["-m", "embedding_explorer", named, "--server.port", "8600"]


def test_local_is_passed_on_by_a_variable_and_never_from_before(
    calls: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(access.SAID, "1")
    assert run.main([]) == 0
    assert run.os.environ[access.SAID] == "0"
    assert run.main(["--local", "--server.port", "8600"]) == 0
    assert run.os.environ[access.SAID] == "1"
    assert calls[-1][1:] == ["-m", "embedding_explorer", "--server.port", "8600"]


@pytest.mark.parametrize(("failing", "status"), [("", 0), ("ruff", 3), ("mypy", 4), ("pytest", 3)])
def test_quick_checks_come_first_and_types_are_checked_beside_the_tests(
    calls: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    failing: str,
    status: int,
) -> None:
    note, start = run.run, run.beside

    def fail(*command: object, env: dict[str, str] | None = None) -> int:
        return note(*command, env=env) or 3 * (failing in command)

    def check_types(told: IO[bytes], *command: object) -> subprocess.Popen[bytes]:
        note(*command)
        code = f"print('types were checked'); raise SystemExit({4 * (failing == 'mypy')})"
        return start(told, sys.executable, "-c", code)

    monkeypatch.setenv("CHROMIUM", "/some/chromium")
    monkeypatch.setattr(run, "run", fail)
    monkeypatch.setattr(run, "beside", check_types)
    assert run.main(["test", "-k", "word"]) == status
    modules = [command[2] for command in calls if command[1] == "-m"][2:]
    assert modules == {"ruff": ["ruff"]}.get(failing, ["ruff", "ruff", "mypy", "pytest"])
    if failing != "ruff":
        assert calls[-1][-2:] == ["-k", "word"]
        assert capfd.readouterr().out.endswith("==> Types\ntypes were checked\n")


@pytest.mark.parametrize("whole", [True, False])
def test_slow_tests_run_where_all_are_asked_for(
    calls: list[list[str]], monkeypatch: pytest.MonkeyPatch, whole: bool
) -> None:
    def check_types(told: IO[bytes], *command: object) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-c", ""])

    monkeypatch.setenv("CHROMIUM", "/some/chromium")
    monkeypatch.setattr(run, "beside", check_types)
    assert run.main(["test", *["--all"] * whole, "tests/words"]) == 0
    assert "--all" not in calls[-1]
    assert ("not slow" in calls[-1]) is not whole
    assert calls[-1][-1] == "tests/words"


@pytest.mark.parametrize("mended", [True, False])
def test_an_environment_without_pip_gets_it_and_is_never_deleted(
    calls: list[list[str]], monkeypatch: pytest.MonkeyPatch, mended: bool
) -> None:
    def bring(*command: object, env: dict[str, str] | None = None) -> None:
        calls.append([str(part) for part in command])
        if not mended:
            raise run.subprocess.CalledProcessError(1, command)

    monkeypatch.setattr(run, "run", lambda *_, **__: 1)
    monkeypatch.setattr(run, "check", bring)
    theirs = run.VENV / "a package of theirs"
    theirs.touch()
    if mended:
        run.make_environment()
    else:
        with pytest.raises(run.subprocess.CalledProcessError):
            run.make_environment()
    assert calls[-1][1:3] == ["-m", "ensurepip"]
    assert theirs.exists()
