"""A head for other programs: a ``state_dict`` of PyTorch, ONNX, and how each is used."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise

from core.base.errors import NotReadyError
from core.base.types import FloatArray
from core.spaces.encoders.head import Head
from core.spaces.sources.head import HeadFile

README, STATE_DICT, ONNX = "README.md", "head.pt", "head.onnx"
TEXT_STATE_DICT, TEXT_ONNX = "text-head.pt", "text-head.onnx"  # what texts go through
OPSET = 17


def state_dict(head: Head) -> bytes:
    """A file of ``torch.save`` with tensors alone, which ``weights_only=True`` opens.

    Keys are those of ``torch.nn.Sequential``; the mean is in the first bias.
    """
    import torch

    told = {}
    for at, (weight, bias) in enumerate(_without_mean(head)):
        told[f"{2 * at}.weight"] = torch.tensor(weight)
        told[f"{2 * at}.bias"] = torch.tensor(bias)
    stream = io.BytesIO()
    torch.save(told, stream)
    return stream.getvalue()


def onnx(head: Head) -> bytes:
    """A model of ONNX: ``vectors`` ``(n, d)`` to ``embedding`` ``(n, dim)`` of unit length.

    Raises:
        NotReadyError: the package onnx is not installed.
    """
    try:
        from onnx import TensorProto, checker, helper, numpy_helper
    except ImportError as error:
        raise NotReadyError(
            "The package onnx is not installed.",
            "It writes the file.",
            "Install it: pip install onnx==1.23.2",
        ) from error
    nodes, tensors, name = [], [], "vectors"
    layers = _without_mean(head)
    for at, (weight, bias) in enumerate(layers):
        tensors += [
            numpy_helper.from_array(weight, f"weight{at}"),
            numpy_helper.from_array(bias, f"bias{at}"),
        ]
        made = f"layer{at}"
        nodes.append(helper.make_node("Gemm", [name, f"weight{at}", f"bias{at}"], [made], transB=1))
        name = made
        if at < len(layers) - 1:
            nodes.append(helper.make_node("Relu", [name], [f"hidden{at}"]))
            name = f"hidden{at}"
    nodes.append(helper.make_node("LpNormalization", [name], ["embedding"], axis=1, p=2))
    graph = helper.make_graph(
        nodes,
        "head",
        [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["n", len(head.mean)])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", head.dim])],
        tensors,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    checker.check_model(model)
    data: bytes = model.SerializeToString()
    return data


def _without_mean(head: Head) -> list[tuple[FloatArray, FloatArray]]:
    """Weights ``(out, in)`` and biases ``(out,)`` of layers that take the vectors as they are."""
    (weight, bias), *others = head.layers
    return [(weight, bias - weight @ head.mean), *others]


def files(kept: HeadFile) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """The files for other programs by name, with what makes each; ``onnx`` may not be there."""
    yield STATE_DICT, partial(state_dict, kept.head)
    yield ONNX, partial(onnx, kept.head)
    if kept.text_head is not None:
        yield TEXT_STATE_DICT, partial(state_dict, kept.text_head)
        yield TEXT_ONNX, partial(onnx, kept.text_head)


def usage(kept: HeadFile) -> str:
    """How a head is used elsewhere, as Markdown."""
    head = kept.head
    sizes = [len(head.mean), *(len(bias) for _, bias in head.layers)]
    layers = ", nn.ReLU(), ".join(
        f"nn.Linear({inputs}, {outputs})" for inputs, outputs in pairwise(sizes)
    )
    pictures = "" if kept.text_head is None else " of pictures"
    texts = (
        ""
        if kept.text_head is None
        else f"""
Vectors of texts go through a head of the same layers, `{TEXT_STATE_DICT}` or `{TEXT_ONNX}`, in the
same way. What both give can be compared: a picture is near to the words for it.
"""
    )
    return f"""# {kept.name}

A head on the vectors{pictures} of `{kept.base}` ({len(head.mean)} numbers, unit length), trained on
{kept.subject}. It gives {head.dim} numbers of unit length.

With PyTorch and `{STATE_DICT}`:

```python
import torch
from torch import nn
head = nn.Sequential({layers})
head.load_state_dict(torch.load("{STATE_DICT}", weights_only=True))
embedding = nn.functional.normalize(head(vectors), dim=1)
```

With ONNX Runtime and `{ONNX}`:

```python
import numpy as np, onnxruntime
session = onnxruntime.InferenceSession("{ONNX}")
vectors = np.load("vectors.npy").astype("float32")  # of {kept.base}, (n, {len(head.mean)})
[embedding] = session.run(None, {{"vectors": vectors}})
print(embedding @ embedding.T)  # cosine similarities
```
{texts}"""
