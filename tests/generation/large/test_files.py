"""Which files of a diffusers model are taken, and what is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from core.base.errors import Cancelled, InputError, NotReadyError, OutOfMemoryError, ServiceError
from core.generation import device as generation_device
from core.generation.device import Machine
from core.generation.large import (
    added,
    files as large_files,
    memory_plan,
    registry as large_models,
)
from core.generation.large.catalog import LARGE
from core.generation.large.model_index import read_index
from core.storage import hub
from core.storage.downloads import RemoteFile
from tests.support.hub_fixtures import Reports, content, hub_with_a_model, starts  # noqa: F401  “server”
from tests.support.hub_server import FakeHub, Files
from tests.support.tiny_diffusers import build_sd
from tests.support.tiny_model import model_files

REPOSITORY = "org/tiny-sd"
INDEX: dict[str, object] = {
    "_class_name": "StableDiffusionPipeline",
    "scheduler": ["diffusers", "PNDMScheduler"],
    "unet": ["diffusers", "UNet2DConditionModel"],
    "tokenizer": ["transformers", "CLIPTokenizer"],
    "safety_checker": [None, None],
    "requires_safety_checker": False,
}


def listed(*paths: str) -> list[RemoteFile]:
    small = ("scheduler/scheduler_config.json", "unet/config.json", "tokenizer/vocab.json")
    return [RemoteFile(path, 1) for path in ("model_index.json", *small, *paths)]


def taken(*paths: str, half: bool = False) -> set[str]:
    _, parts = read_index(json.dumps(INDEX).encode(), "x")
    chosen = large_files.choose(parts, listed(*paths), "x", half=half)
    return {file.path for file in chosen} - {file.path for file in listed()}


WEIGHTS = "unet/diffusion_pytorch_model"


def test_one_form_of_the_weights_is_taken_and_neither_pickles_nor_code() -> None:
    many = (
        f"{WEIGHTS}.safetensors",
        f"{WEIGHTS}.fp16.safetensors",
        f"{WEIGHTS}.non_ema.safetensors",
        f"{WEIGHTS}.bin",
        "unet/diffusers.py",
        "unet/model.onnx",
        "vae/diffusion_pytorch_model.safetensors",
        "v1-5-pruned.ckpt",
        "v1-5-pruned.safetensors",
        "README.md",
    )
    assert taken(*many) == {f"{WEIGHTS}.safetensors"}
    assert taken(*many, half=True) == {f"{WEIGHTS}.fp16.safetensors"}
    assert taken(f"{WEIGHTS}.fp16.safetensors") == {f"{WEIGHTS}.fp16.safetensors"}
    assert taken(f"{WEIGHTS}.safetensors", half=True) == {f"{WEIGHTS}.safetensors"}


def test_shards_are_taken_with_their_index_and_only_whole() -> None:
    plain = [f"{WEIGHTS}-0000{n}-of-00002.safetensors" for n in (1, 2)]
    half = [f"{WEIGHTS}.fp16-0000{n}-of-00002.safetensors" for n in (1, 2)]
    plain_index = f"{WEIGHTS}.safetensors.index.json"
    half_index = f"{WEIGHTS}.safetensors.index.fp16.json"
    everything = (*plain, *half, plain_index, half_index)
    assert taken(*everything) == {*plain, plain_index}
    assert taken(*everything, half=True) == {*half, half_index}
    with pytest.raises(InputError, match="“unet” of x are there not whole"):
        taken(plain[0], plain_index)


def test_a_part_that_is_only_pickled_is_refused_by_name() -> None:
    with pytest.raises(InputError, match="part “unet” of x are there only as pickled files"):
        taken(f"{WEIGHTS}.bin")


HOSTILE: list[tuple[dict[str, object], str]] = [
    ({"unet": ["os", "system"]}, "os.system"),
    ({"unet": ["my_code", "Net"]}, "my_code.Net"),
    ({"unet": ["..", "Net"]}, "Net"),
    ({"../../unet": ["diffusers", "UNet2DConditionModel"]}, "unet"),
    ({"unet": ["diffusers", "../x"]}, "x"),
    ({"unet": ["diffusers", "StableDiffusionPipeline"]}, "within"),
    ({"_class_name": ["pipeline", "Mine"]}, "pipeline"),
]


@pytest.mark.parametrize(("change", "named"), HOSTILE)
def test_code_of_others_is_refused(change: dict[str, object], named: str) -> None:
    with pytest.raises(InputError, match="not diffusers' or transformers' own") as error:
        read_index(json.dumps(INDEX | change).encode(), "x")
    assert named in str(error.value)


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b'{"_class_name": "X"}', b"\xff", b"[" * 100_000, b'{"a": NaN}']
)
def test_what_is_no_index_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match="no model of diffusers"):
        read_index(data, "x")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_sd(tmp_path_factory.mktemp("tiny") / "sd")


@pytest.fixture
def copy(tiny: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny, tmp_path / "model"))


def test_a_whole_folder_is_checked_without_its_other_files(copy: Path) -> None:
    (copy / "unet" / "diffusion_pytorch_model.bin").write_bytes(b"pickle")
    (copy / "notes.py").write_text("1/0")
    layout = large_files.check_folder(copy, "model")
    assert layout.pipeline == "StableDiffusionPipeline"
    assert not layout.half
    parts = {part.name for part in layout.parts}
    assert parts == {"scheduler", "text_encoder", "tokenizer", "unet", "vae"}
    assert {path.parent.name for path in layout.weights} == {"text_encoder", "unet", "vae"}
    assert not [file for file in layout.files if file.path.endswith((".bin", ".py"))]


@pytest.mark.parametrize(
    ("lost", "told"),
    [
        ("unet", "part “unet” of model is missing: the folder “unet”"),
        ("vae/config.json", "part “vae” of model is missing: the file vae/config.json"),
        ("text_encoder/model.safetensors", "part “text_encoder” of model are there not whole"),
        ("scheduler/scheduler_config.json", "part “scheduler” of model is missing"),
        ("model_index.json", "its model_index.json is not there"),
    ],
)
def test_a_missing_part_is_named(copy: Path, lost: str, told: str) -> None:
    path = copy / lost
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    with pytest.raises(InputError, match=told):
        large_files.check_folder(copy, "model")


def test_code_in_the_place_of_a_part_is_refused(copy: Path) -> None:
    (copy / "unet" / "diffusers.py").write_text("raise SystemExit")
    with pytest.raises(InputError, match=r"unet/diffusers\.py"):
        large_files.check_folder(copy, "model")


def test_an_index_of_shards_does_not_lead_out_of_its_folder(copy: Path) -> None:
    unet = copy / "unet"
    shard = "diffusion_pytorch_model-00001-of-00001.safetensors"
    (unet / "diffusion_pytorch_model.safetensors").rename(unet / shard)
    index = unet / "diffusion_pytorch_model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {"a": shard}}))
    large_files.check_folder(copy, "model")
    index.write_text(
        json.dumps({"weight_map": {"a": "../vae/diffusion_pytorch_model.safetensors"}})
    )
    with pytest.raises(InputError, match="part “unet” of model are not whole"):
        large_files.check_folder(copy, "model")


def test_a_class_that_a_configuration_names_must_be_no_code(copy: Path) -> None:
    path = copy / "model_index.json"
    index = json.loads(path.read_text())
    index["text_encoder"] = ["transformers", "AutoModel"]
    path.write_text(json.dumps(index))
    large_files.check_folder(copy, "model")
    config = copy / "text_encoder" / "config.json"
    config.write_text(json.dumps({"auto_map": {"AutoModel": "code.Mine"}}))
    with pytest.raises(InputError, match=r"auto_map in text_encoder/config.json"):
        large_files.check_folder(copy, "model")


def test_a_damaged_file_of_weights_is_named(copy: Path) -> None:
    path = copy / "vae" / "diffusion_pytorch_model.safetensors"
    path.write_bytes(path.read_bytes()[:5_000])
    layout = large_files.check_folder(copy, "model")
    with pytest.raises(InputError, match="part “vae” of model are damaged"):
        memory_plan.count_numbers(layout, "model")


# Downloads


@pytest.fixture
def repository(server: FakeHub, tiny: Path) -> Files:
    files = model_files(tiny)
    more = {"unet/diffusion_pytorch_model.bin": b"pickle", "README.md": b"#", "unet/x.py": b"1/0"}
    server.models[REPOSITORY] = files | more
    return files


def test_a_repository_is_added_downloaded_and_found_again(
    server: FakeHub, repository: Files
) -> None:
    name = large_models.add_repository(f"https://huggingface.co/{REPOSITORY}")
    assert name == f"hub:{REPOSITORY}"
    entry = large_models.find_large(name)
    assert entry.state.startswith("needs download (")
    assert entry.downloadable
    with pytest.raises(NotReadyError, match="needs download"):
        large_models.open_large(name)
    reports = Reports()
    folder = large_models.download_large(name, reports)
    assert content(folder) == repository
    assert reports.seen[-1][0] == reports.seen[-1][1] == sum(map(len, repository.values()))
    entry = large_models.find_large(name)
    assert (entry.state, entry.folder) == ("ready", folder)
    assert not entry.downloadable
    large_models.remove(name)
    assert name not in [one.name for one in large_models.list_large()]


def test_a_download_goes_on_where_it_was_cancelled_or_cut(
    server: FakeHub, repository: Files
) -> None:
    path = "unet/diffusion_pytorch_model.safetensors"
    before = sum(len(data) for p, data in repository.items() if len(data) < len(repository[path]))
    with pytest.raises(Cancelled):
        large_files.download(REPOSITORY, Reports(before + 100_000), half=False)
    assert large_files.find(REPOSITORY) is None
    server.cut.add(path)
    folder = large_files.download(REPOSITORY, half=False)
    assert content(folder) == repository
    first, *later = starts(server, path)
    assert first is None
    assert all(start and start > 90_000 for start in later)


def test_what_is_no_diffusers_model_is_refused_before_a_file_comes(server: FakeHub) -> None:
    server.models["org/bert"] = {"config.json": b"{}", "model.safetensors": b"x"}
    with pytest.raises(InputError, match="no model of diffusers"):
        large_models.add_repository("org/bert")
    with pytest.raises(InputError, match="There is no model org/none"):
        large_models.add_repository("org/none")
    with pytest.raises(InputError, match="cannot be a name on a hub"):
        large_models.add_repository("../../etc")
    assert not server.asked_files()


def test_a_pickled_repository_and_a_hostile_one_are_refused(
    server: FakeHub, repository: Files
) -> None:
    pickled = {
        path.replace("safetensors", "bin"): data for path, data in server.models[REPOSITORY].items()
    }
    server.models["org/pickled"] = pickled
    with pytest.raises(InputError, match="only as pickled files"):
        large_models.add_repository("org/pickled")
    index = json.loads(repository["model_index.json"])
    index["unet"] = ["evil", "Net"]
    server.models["org/evil"] = repository | {"model_index.json": json.dumps(index).encode()}
    with pytest.raises(InputError, match=r"evil\.Net"):
        large_models.add_repository("org/evil")
    asked = {asked.path.rsplit("/", 1)[1] for asked in server.asked_files()}
    assert asked == {"model_index.json"}


def test_no_network_and_gated_are_told(server: FakeHub, repository: Files) -> None:
    server.gated.add(REPOSITORY)
    with pytest.raises(InputError, match="gated or private"):
        large_files.download(REPOSITORY, half=False)
    server.status[f"/api/models/{REPOSITORY}/revision/main"] = 503
    with pytest.raises(ServiceError):
        large_files.list_remote(REPOSITORY, half=False)


def test_the_persons_own_cache_is_found(
    own_home: Path, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "cache" / "models--org--tiny-sd"
    snapshot = folder / "snapshots" / ("a" * 40)
    shutil.copytree(tiny, snapshot)
    (folder / "refs").mkdir()
    (folder / "refs" / "main").write_text("a" * 40)
    assert large_files.find(REPOSITORY) == snapshot
    assert hub.find_snapshot(REPOSITORY) is None  # it is no sentence-transformers model
    (snapshot / "vae" / "diffusion_pytorch_model.safetensors").unlink()
    assert large_files.find(REPOSITORY) is None


# The list


def test_known_models_tell_state_licence_and_need(
    server: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large_models, "most_memory", lambda: 20 * 10**9)
    entries = {entry.name: entry for entry in large_models.list_large()}
    assert list(entries) == [spec.name for spec in LARGE]
    assert entries["sd15"].state == "needs download (5.5 GB)"
    assert entries["sd35-medium"].state == "gated"
    assert "HF_TOKEN" in entries["sd35-medium"].remedy
    assert entries["flux-schnell"].state == "needs more memory"
    assert entries["ldm"].state == "only pickled weights"
    assert not entries["ldm"].downloadable
    assert all(entry.licence and entry.estimate for entry in entries.values())
    monkeypatch.setenv("HF_TOKEN", "hf_x")
    assert large_models.find_large("sd35-medium").state == "needs download (16.3 GB)"
    assert not server.requests


def test_a_folder_is_listed_until_it_is_gone(own_home: Path, copy: Path) -> None:
    name = large_models.add_folder(copy)
    assert name == f"folder:{copy}"
    assert large_models.find_large(name).ready
    with pytest.raises(InputError, match="is a folder of this computer"):
        large_models.download_large(name)
    shutil.rmtree(copy)
    assert large_models.find_large(name).state == "missing"
    with pytest.raises(InputError, match="is no folder"):
        large_models.add_folder(copy)
    with pytest.raises(NotReadyError, match="is not in the list"):
        large_models.find_large("hub:org/other")


def test_a_damaged_description_is_listed_and_can_be_removed(own_home: Path, copy: Path) -> None:
    large_models.add_folder(copy)
    path = added.list_added()[0].path
    for data in (b"", b"[]", b'{"name": "hub:../..", "pipeline": "X", "size": 1}', b"[" * 99_999):
        path.write_bytes(data)
        entry = large_models.list_large()[-1]
        assert entry.state == "damaged"
        assert not entry.ready
    large_models.remove(entry.name)
    assert not added.list_added()


def test_how_a_model_is_held_follows_from_the_memory() -> None:
    counts = {"unet": 3_000_000_000, "vae": 100_000_000}
    cpu = memory_plan.plan(counts, Machine("cpu", 0, 20 * 10**9), "x", flows=False)
    assert (cpu.dtype, cpu.notes) == ("float32", ())
    tight = memory_plan.plan(counts, Machine("cpu", 0, 8 * 10**9), "x", flows=False)
    assert (tight.dtype, tight.sliced) == ("bfloat16", True)
    assert "float32 would take 13.9 GB" in tight.notes[0]
    with pytest.raises(OutOfMemoryError, match=r"x needs 7.7 GB of memory"):
        memory_plan.plan(counts, Machine("cpu", 0, 5 * 10**9), "x", flows=False)
    card = memory_plan.plan(counts, Machine("cuda", 0, 24 * 10**9), "x", flows=False)
    assert (card.dtype, card.offload) == ("float16", "")
    flow = memory_plan.plan(counts, Machine("cuda", 0, 24 * 10**9), "x", flows=True)
    assert flow.dtype == "bfloat16"


def test_a_small_card_keeps_parts_in_ram(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_plan, "available_bytes", lambda: 60 * 10**9)
    counts = {"transformer": 2_000_000_000, "text_encoder": 4_000_000_000}
    for free, offload in ((20, ""), (11, "part"), (6, "layer")):
        card = Machine("cuda", 0, free * 10**9)
        assert memory_plan.plan(counts, card, "x", flows=True).offload == offload
    monkeypatch.setattr(memory_plan, "available_bytes", lambda: 5 * 10**9)
    with pytest.raises(OutOfMemoryError, match=r"x needs 13.5 GB"):
        memory_plan.plan(counts, Machine("cuda", 0, 11 * 10**9), "x", flows=True)


def test_this_machine_is_told_without_torch_where_there_is_no_gpu() -> None:
    here = generation_device.machine()
    assert here.device in {"cpu", "cuda", "mps"}
    assert 0 < here.free <= here.total
    assert generation_device.speed() > 1e8
