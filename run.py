"""Sets up and runs the app, or sets up and runs its tests. Needs only Python 3.11 or newer.

    python3 run.py                     set up what is missing, then run the app
    python3 run.py vectors.parquet     the same, and open a file or folder in it
    python3 run.py --server.port 8600  the same with options for Streamlit
    python3 run.py --local             let all who reach it name files of this computer
    python3 run.py --cpu | --gpu       set up with PyTorch's small build, or the one for GPUs
                                       (remembered; without, by whether there is a GPU)
    python3 run.py test [options]      set up, check the code, run the tests (options: pytest's)
    python3 run.py test --all          the same with the slow tests, as before a release
    python3 run.py bench NAME          set up and run one benchmark of benchmarks/

Everything is installed into the folder .venv beside this file; the system's own Python packages
are left alone. What is there already is not installed again.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
UV = "uv==0.13.9"  # installs in parallel: half a minute where pip takes several
TORCH = VENV / "torch-build"  # which build of PyTorch was chosen: CPU or GPU
CPU, GPU = "cpu", "gpu"
GPU_SIGNS = ("/dev/nvidia0", "/proc/driver/nvidia/version", "/dev/dxg", "/dev/kfd")
NO_PIP = "Python's venv lacks pip here. On Debian and Ubuntu: apt install python3-venv"
WORKERS = 4  # tests at a time at most: each worker holds two gigabytes
OWN_OPTIONS = ("--cpu", "--gpu", "--local")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC_BROWSER = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


def main(arguments: list[str]) -> int:
    """Runs what the module's first lines say."""
    if sys.version_info < (3, 11):  # noqa: UP036  # this is where a person finds out
        print(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}.")
        return 2
    if arguments[:1] in (["--help"], ["-h"]):
        print(__doc__)
        return 0
    if arguments and not arguments[0].startswith("-") and Path(arguments[0]).exists():
        arguments = [str(Path(arguments[0]).resolve()), *arguments[1:]]
    os.chdir(ROOT)
    # Without compiled code each start would compile PyTorch's thousands of files anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    try:
        make_environment()
        choose_torch(arguments)
        os.environ["EMBEDDING_EXPLORER_LOCAL"] = "1" if "--local" in arguments else "0"
        return command([argument for argument in arguments if argument not in OWN_OPTIONS])
    except subprocess.CalledProcessError as error:
        failed = " ".join(str(part) for part in error.cmd)
        print(f"This failed with status {error.returncode}: {failed}", file=sys.stderr)
        return error.returncode or 1
    except KeyboardInterrupt:
        return 130


def command(arguments: list[str]) -> int:
    """Sets up what one command needs and runs it."""
    if arguments[:1] == ["test"]:
        return test(arguments[1:])
    if arguments[:1] == ["bench"]:
        install("requirements.txt", "requirements-dev.txt")
        name = arguments[1] if arguments[1:] else "list"
        return run(PYTHON, "-m", f"benchmarks.{name}", *arguments[2:])
    install("requirements.txt")
    return run(PYTHON, "-m", "embedding_explorer", *arguments)


def make_environment() -> None:
    """Makes .venv with uv in it, where it is not there whole."""
    if not PYTHON.exists():
        say("Making the environment .venv")
        shutil.rmtree(VENV, ignore_errors=True)
        try:
            venv.create(VENV, with_pip=True)
        except subprocess.CalledProcessError:
            say(NO_PIP)
            raise
    elif run(PYTHON, "-c", "import pip") != 0:  # as uv makes them; what is in it stays
        say("Adding pip to the environment .venv")
        try:
            check(PYTHON, "-m", "ensurepip")
        except subprocess.CalledProcessError:
            say(NO_PIP)
            raise


def choose_torch(arguments: list[str]) -> None:
    """Notes which build of PyTorch is wanted: as said, as before, or as this computer needs.

    PyTorch's files on the package index hold four gigabytes of libraries for GPUs where the system
    is Linux; the small build lies elsewhere, which not every network reaches.
    """
    before = TORCH.read_text() if TORCH.exists() else ""
    said = next((name for name in (CPU, GPU) if f"--{name}" in arguments), before)
    if not said:
        said = GPU
        if sys.platform == "linux" and not has_gpu():
            said = CPU if answers_for_cpu() else GPU
            build = (
                "the small build" if said == CPU else "the default one: the small is out of reach"
            )
            say(f"No GPU was found: PyTorch is {build} (--gpu and --cpu choose another)")
    if said != before:
        TORCH.write_text(said)
        for stamp in VENV.glob("installed-*"):
            stamp.unlink()


def has_gpu() -> bool:
    """Whether this computer has a GPU that PyTorch can use, by its driver's files."""
    return bool(shutil.which("nvidia-smi")) or any(Path(sign).exists() for sign in GPU_SIGNS)


def answers_for_cpu() -> bool:
    """Whether the place that PyTorch's small build comes from can be reached."""
    install_uv()
    quick = {**uv_environment(), "UV_HTTP_TIMEOUT": "5", "UV_HTTP_RETRIES": "0"}
    asked = ["--dry-run", "--no-deps", "--torch-backend", CPU, "--reinstall-package", "torch"]
    uv = [PYTHON, "-m", "uv", "pip", "install", "--python", PYTHON, "--quiet"]
    return run(*uv, *asked, "torch", "-c", "constraints.txt", env=quick, quiet=True) == 0


def install_uv() -> None:
    """Installs the installer."""
    check(PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", UV)


def install(*files: str) -> None:
    """Installs requirement files into .venv, unless exactly these are there."""
    cpu = TORCH.exists() and TORCH.read_text() == CPU
    options = ["--torch-backend", CPU] if cpu else []
    known = hashlib.sha256(f"{sys.version} {UV} {options}".encode())
    for name in (*files, "constraints.txt"):
        known.update((ROOT / name).read_bytes())
    stamp = VENV / f"installed-{'-'.join(Path(name).stem for name in files)}"
    if stamp.exists() and stamp.read_text() == known.hexdigest():
        return
    say(f"Installing {' and '.join(files)} (some gigabytes the first time)")
    install_uv()
    wanted = [part for name in files for part in ("-r", name)]
    uv = [PYTHON, "-m", "uv", "pip", "install", "--python", PYTHON, "--quiet"]
    check(*uv, *wanted, "-c", "constraints.txt", *options, env=uv_environment())
    stamp.write_text(known.hexdigest())


def uv_environment() -> dict[str, str]:
    """The environment for uv: pip's own settings for index and certificates hold for it too."""
    found = subprocess.run(
        [PYTHON, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True
    ).stdout
    settings = dict(line.split("=", 1) for line in found.splitlines() if "=" in line)
    environment = dict(os.environ)
    environment.setdefault("UV_HTTP_TIMEOUT", "300")
    for name, target in (("index-url", "UV_DEFAULT_INDEX"), ("cert", "SSL_CERT_FILE")):
        value = settings.get(f":env:.{name}") or settings.get(f"global.{name}")
        if value:
            environment.setdefault(target, value.strip("'"))
    return environment


def test(options: list[str]) -> int:
    """Checks the code and runs the tests, several at a time; the slow ones with ``--all``."""
    chosen = [] if "--all" in options else ["-m", "not slow"]
    options = [option for option in options if option != "--all"]
    install("requirements.txt", "requirements-dev.txt")
    browser = find_browser() or install_browser()
    if browser is None:
        return 2
    for title, command in (
        ("Lint", ("ruff", "check", ".")),
        ("Format", ("ruff", "format", "--check", ".")),
    ):
        say(title)
        if code := run(PYTHON, "-m", *command):
            return code
    workers = min(os.cpu_count() or 1, WORKERS)
    say(f"Tests by {workers} workers, and types beside them")
    with tempfile.TemporaryFile() as told, beside(told, PYTHON, "-m", "mypy") as types:
        tests = run(
            *(PYTHON, "-m", "pytest", "-n", workers, "--no-loadscope-reorder", *chosen, *options),
            env={**os.environ, "CHROMIUM": str(browser)},
        )
        say("Types")
        types.wait()
        told.seek(0)
        print(told.read().decode(errors="replace"), end="", flush=True)
    return types.returncode or tests


def find_browser() -> str | None:
    """The Chromium to drive: the variable CHROMIUM, or one that is installed."""
    given = os.environ.get("CHROMIUM")
    if given:
        return given
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    return found or (str(MAC_BROWSER) if MAC_BROWSER.exists() else None)


def install_browser() -> str | None:
    """Installs Chromium from the system's packages, saying so; ``None`` where it cannot be."""
    apt = shutil.which("apt-get")
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    prefix = [] if root else [shutil.which("sudo") or "", "-n"]
    if apt and (root or prefix[0]):
        say("The browser tests need Chromium, which is missing: installing the system's package")
        run(*prefix, apt, "update", "-qq")
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        run(*prefix, apt, "install", "-y", "-qq", "chromium", env=quiet)
    found = find_browser()
    if found is None:
        say(
            "No Chromium was found. Install it (apt install chromium), or set CHROMIUM to its path."
        )
    return found


def run(*command: object, env: dict[str, str] | None = None, quiet: bool = False) -> int:
    """Runs a command; returns its exit status. What a ``quiet`` one says is dropped."""
    parts = [str(part) for part in command]
    output = subprocess.DEVNULL if quiet else None
    return subprocess.run(parts, env=env, check=False, stdout=output, stderr=output).returncode


def beside(told: IO[bytes], *command: object) -> subprocess.Popen[bytes]:
    """Starts a command that runs beside others; what it says goes into a file."""
    return subprocess.Popen([str(part) for part in command], stdout=told, stderr=told)


def check(*command: object, env: dict[str, str] | None = None) -> None:
    """Runs a command that must succeed."""
    subprocess.run([str(part) for part in command], env=env, check=True)


def say(text: str) -> None:
    """A heading among what the commands print."""
    print(f"==> {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
