"""Encoding by ONNX Runtime, also in int8, against PyTorch: speed, and what is lost (optional).

Needs packages that the app does not: pip install onnx onnxruntime onnxscript
"""

from __future__ import annotations

import argparse
import csv
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.common import machine, table
from benchmarks.sentences_encode import DATA, in_turn, texts
from core.sentences.similarity_benchmark import spearman
from core.spaces.encoders.minilm import model_folder
from core.spaces.encoders.text_batches import batches

Run = Callable[[Any, Any], np.ndarray]


def main() -> None:
    """Prints speed, cosine to PyTorch's vectors, and STS-B of each way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=1_200)
    count = parser.parse_args().texts
    print(machine(), flush=True)
    sample = texts(count)
    with (DATA / "text" / "stsb-en-test.csv").open(encoding="utf-8", newline="") as stream:
        pairs = list(csv.reader(stream))
    sentences = [row[0] for row in pairs] + [row[1] for row in pairs]
    scores = np.array([float(row[2]) for row in pairs], dtype=np.float32)
    with tempfile.TemporaryDirectory() as folder:
        ways = _ways(Path(folder))
        seconds, vectors = in_turn(ways, sample, 100)
        reference = np.concatenate(vectors["PyTorch"])
        rows = [("what", "texts a second", "ratio", "mean cosine", "STS-B")]
        for name, encode in ways.items():
            cosine = float((np.concatenate(vectors[name]) * reference).sum(axis=1).mean())
            rows.append(
                (
                    name,
                    f"{count / seconds[name]:.1f}",
                    f"{seconds['PyTorch'] / seconds[name]:.2f}",
                    f"{cosine:.5f}",
                    f"{spearman(encode(sentences), scores):.4f}",
                )
            )
    print(table(rows))


def _ways(folder: Path) -> dict[str, Callable[[list[str]], np.ndarray]]:
    import onnxruntime
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(model_folder()), local_files_only=True)
    network = model[0].auto_model.eval()

    class Pooled(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            states = self.network(
                input_ids=input_ids, attention_mask=attention_mask
            ).last_hidden_state
            mask = attention_mask.unsqueeze(-1).to(states.dtype)
            return (states * mask).sum(1) / mask.sum(1)

    pooled = Pooled().eval()

    def by_torch(ids: np.ndarray, mask: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            return pooled(torch.from_numpy(ids), torch.from_numpy(mask)).numpy()

    plain, small = folder / "plain.onnx", folder / "int8.onnx"
    example = torch.ones(2, 8, dtype=torch.long)
    free = {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC}
    torch.onnx.export(
        pooled,
        (example, example),
        str(plain),
        dynamo=True,
        dynamic_shapes=(free, free),
        input_names=["input_ids", "attention_mask"],
        verbose=False,
    )
    quantize_dynamic(str(plain), str(small), weight_type=QuantType.QInt8, per_channel=True)

    def by_onnx(path: Path) -> Run:
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        return lambda ids, mask: session.run(None, {"input_ids": ids, "attention_mask": mask})[0]

    tokenizer = model.tokenizer
    return {
        name: lambda block, run=run: _encode(tokenizer, run, block)
        for name, run in (
            ("PyTorch", by_torch),
            ("ONNX Runtime", by_onnx(plain)),
            ("ONNX Runtime, int8", by_onnx(small)),
        )
    }


def _encode(tokenizer: Any, run: Run, block: list[str]) -> np.ndarray:
    """Unit vectors, in the batches of the app."""
    result = np.empty((len(block), 384), dtype=np.float32)
    for rows in batches([len(text) for text in block]):
        tokens = tokenizer(
            [block[row] for row in rows],
            padding=True,
            truncation=True,
            max_length=256,
            return_tensors="np",
        )
        result[rows] = run(
            tokens["input_ids"].astype(np.int64), tokens["attention_mask"].astype(np.int64)
        )
    return result / np.linalg.norm(result, axis=1, keepdims=True)


if __name__ == "__main__":
    main()
