"""What a graph of ComfyUI tells: followed from its sampler along the links to what feeds it.

ComfyUI writes two texts into its pictures: ``prompt``, what was run (``{id: {class_type,
inputs}}``, an input being a value or a link ``[id, output]``), and ``workflow``, what the editor
shows (nodes with bare lists of values, and a table of links). Nodes of extensions are unknown
here, so nothing but the names of inputs is relied on. Each node is visited once: a graph with
circles, or a large one, ends.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

Nodes = dict[str, dict[str, Any]]  # by id: "class_type" and "inputs"

_SAMPLERS = ("sampler_name", "sampler", "guider")  # inputs of which a sampler has one
_TEXTS = ("text", "text_g", "text_l", "clip_l", "t5xxl", "prompt", "string", "value")
_NO_TEXT = ("clip", "model", "vae", "image", "control_net", "mask", "latent_image", "samples")
# What the bare values of an editor's node mean, for the nodes that come with ComfyUI.
_WIDGETS = {
    "KSampler": ("seed", "", "steps", "cfg", "sampler_name", "scheduler", "denoise"),
    "KSamplerAdvanced": ("", "noise_seed", "", "steps", "cfg", "sampler_name", "scheduler"),
    "CLIPTextEncode": ("text",),
    "CheckpointLoaderSimple": ("ckpt_name",),
    "UNETLoader": ("unet_name",),
    "EmptyLatentImage": ("width", "height"),
    "EmptySD3LatentImage": ("width", "height"),
    "LoraLoader": ("lora_name", "strength_model"),
    "LoraLoaderModelOnly": ("lora_name", "strength_model"),
    "RandomNoise": ("noise_seed",),
    "KSamplerSelect": ("sampler_name",),
    "BasicScheduler": ("scheduler", "steps"),
    "CFGGuider": ("cfg",),
    "PrimitiveString": ("value",),
    "PrimitiveStringMultiline": ("value",),
}


def read_graph(run: Any, workflow: Any) -> dict[str, Any] | None:
    """What decided the picture; None where there is no sampler in it.

    Where several samplers follow each other, the one that begins from noise is read.

    Args:
        run: the JSON of ``prompt``, None where there is none.
        workflow: that of ``workflow``; read where ``run`` is none.

    Returns:
        ``prompt``, ``negative``, ``seed``, ``steps``, ``cfg``, ``sampler``, ``scheduler``,
        ``width``, ``height``, ``model``, ``denoise`` as written, None for what is not there;
        ``loras``, a list of names with weights; ``samplers``, how many there are.

    Raises:
        ValueError, KeyError, TypeError, AttributeError: it is no such graph.
    """
    nodes = _from_run(run) if isinstance(run, dict) else _from_workflow(workflow)
    samplers = [key for key, node in nodes.items() if _is_sampler(node)]
    if not samplers:
        return None
    start = next((one for one in samplers if _begins(nodes, one, samplers)), samplers[0])
    return {
        "prompt": _text(nodes, start, "positive"),
        "negative": _text(nodes, start, "negative"),
        "seed": _value(nodes, start, "seed", "noise_seed"),
        "steps": _value(nodes, start, "steps"),
        "cfg": _value(nodes, start, "cfg"),
        "sampler": _value(nodes, start, "sampler_name"),
        "scheduler": _value(nodes, start, "scheduler"),
        "width": _value(nodes, start, "width"),
        "height": _value(nodes, start, "height"),
        "model": _value(nodes, start, "ckpt_name", "unet_name"),
        "denoise": _value(nodes, start, "denoise"),
        "loras": [
            (inputs["lora_name"], inputs.get("strength_model", 1.0))
            for inputs in (nodes[one]["inputs"] for one in _upstream(nodes, start))
            if isinstance(inputs.get("lora_name"), str)
        ],
        "samplers": len(samplers),
    }


def _from_run(found: dict[str, Any]) -> Nodes:
    return {
        key: {"class_type": str(node.get("class_type")), "inputs": node["inputs"]}
        for key, node in found.items()
        if isinstance(node, dict) and isinstance(node.get("inputs"), dict)
    }


def _from_workflow(found: Any) -> Nodes:
    """The same form of what the editor shows, as far as its nodes are known."""
    begins = {link[0]: [str(link[1]), link[2]] for link in found["links"]}
    nodes: Nodes = {}
    for node in found["nodes"]:
        values = node.get("widgets_values")
        named = _WIDGETS.get(node["type"], ())
        given = values if isinstance(values, list) else []
        inputs = {name: value for name, value in zip(named, given, strict=False) if name}
        for one in node.get("inputs") or ():
            if one.get("link") in begins:
                inputs[str(one["name"])] = begins[one["link"]]
        nodes[str(node["id"])] = {"class_type": str(node["type"]), "inputs": inputs}
    return nodes


def _is_sampler(node: dict[str, Any]) -> bool:
    """Whether it makes latents of latents, by its inputs."""
    inputs = node["inputs"]
    return _is_link(inputs.get("latent_image")) and any(name in inputs for name in _SAMPLERS)


def _begins(nodes: Nodes, start: str, samplers: list[str]) -> bool:
    return not any(one in samplers for one in _upstream(nodes, start) if one != start)


def _is_link(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and isinstance(value[0], str | int)
        and isinstance(value[1], int)
    )


def _upstream(nodes: Nodes, start: str, *leave: str) -> Iterator[str]:
    """The ids of a node and of all that feed it, the nearest first."""
    waiting, seen = deque([start]), {start}
    while waiting:
        key = waiting.popleft()
        yield key
        for name, value in nodes[key]["inputs"].items():
            if name not in leave and _is_link(value):
                other = str(value[0])
                if other in nodes and other not in seen:
                    seen.add(other)
                    waiting.append(other)


def _value(nodes: Nodes, start: str, *names: str) -> Any:
    """The nearest value of an input of one of these names."""
    for key in _upstream(nodes, start, "positive", "negative"):
        for name in names:
            value = nodes[key]["inputs"].get(name)
            if _is_link(value):  # of a node that holds nothing but it
                value = nodes.get(str(value[0]), {"inputs": {}})["inputs"].get("value")
            if isinstance(value, str | int | float):
                return value
    return None


def _text(nodes: Nodes, sampler: str, side: str) -> str | None:
    """The words that a sampler's ``positive`` or ``negative`` goes back to, each once."""
    start = _side(nodes, sampler, side)
    if start is None:
        return None
    waiting, seen, texts = deque([start]), {start}, []
    while waiting:
        node = nodes[waiting.popleft()]
        if node["class_type"] == "ConditioningZeroOut":  # it stands for no words
            continue
        inputs: dict[str, Any] = node["inputs"]
        texts += [inputs[name] for name in _TEXTS if isinstance(inputs.get(name), str)]
        # A node with both sides, as of ControlNet, hands each through on its own.
        names = [side] if side in inputs else [name for name in inputs if name not in _NO_TEXT]
        if isinstance(inputs.get(side), str):  # loaders of extensions hold the words themselves
            texts.append(inputs[side])
        for name in names:
            value = inputs[name]
            if _is_link(value) and str(value[0]) in nodes and str(value[0]) not in seen:
                seen.add(str(value[0]))
                waiting.append(str(value[0]))
    return "\n".join(dict.fromkeys(text for text in texts if text.strip()))


def _side(nodes: Nodes, sampler: str, side: str) -> str | None:
    """The node that a side of a sampler, or of the guider before it, is linked to."""
    names = (side, "conditioning") if side == "positive" else (side,)
    guider = nodes[sampler]["inputs"].get("guider")
    places = [sampler, str(guider[0])] if _is_link(guider) else [sampler]
    for place in places:
        for name in names:
            value = nodes.get(place, {"inputs": {}})["inputs"].get(name)
            if _is_link(value) and str(value[0]) in nodes:
                return str(value[0])
    return None
