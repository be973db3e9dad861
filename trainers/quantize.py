"""Model folder → GGUF in 16 bit → any of llama.cpp's quantizations, with figures for the parity gate.

    python trainers/quantize.py spec.json

A LoRA adapter is detected and merged first, in 16 bit. Models from scratch are written directly (gguf_writer.py),
others by llama.cpp's convert_hf_to_gguf.py.
"""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from protocol import SpecError, emit, serve


@dataclass
class LlamaCpp:
    # convert_hf_to_gguf.py in llama.cpp's sources; not needed for scratch models.
    convert: Path | None
    # libllama of node-llama-cpp's npm package: the same version that serves.
    library: Path


@dataclass
class Spec:
    stage: Literal["quantize"]
    name: str
    # The folder of a whole model or of a LoRA adapter.
    model: Path
    # A folder; clitron-{name}-f16.gguf, clitron-{name}-{quant}.gguf and parity.jsonl appear in it.
    output: Path
    llama_cpp: LlamaCpp
    quant: str = "q4_k_m"
    # The base of an adapter, where it does not stand at the path that its adapter_config.json names.
    base: str | None = None
    # TrainingRow JSONL from which the parity rows are taken.
    rows: Path | None = None
    parity_rows: int = 24


def main(spec: Spec) -> dict:
    import gguf_writer
    import llama_cpp
    import parity
    from files import sha256
    from merge import is_adapter, merge

    start = time.monotonic()
    quant = llama_cpp.file_type(spec.quant)
    spec.output.mkdir(parents=True, exist_ok=True)
    steps = {"merging": 0, "converting": 1, "comparing": 2, "quantizing": 3}
    said = lambda message: emit("progress", message=message, step=steps[message], steps=4)

    model, merged = spec.model, None
    if not is_adapter(model) and not (model / "config.json").is_file():
        raise SpecError(f"model: {model} has neither config.json nor a LoRA adapter.")
    if is_adapter(model):
        said("merging")
        model = merged = spec.output / ".merged"
        merge(spec.model, merged, spec.base)
    try:
        said("converting")
        f16 = spec.output / f"clitron-{spec.name}-f16.gguf"
        if parity.is_scratch(model):
            gguf_writer.write(model, f16, spec.name)
        elif spec.llama_cpp.convert is None:
            raise SpecError("llama_cpp.convert: the path of convert_hf_to_gguf.py is needed for a downloaded base.")
        else:
            llama_cpp.convert(spec.llama_cpp.convert, model, f16, spec.name)
        compared = 0
        if spec.rows is not None:
            said("comparing")
            compared = parity.write(model, spec.rows, spec.output / "parity.jsonl", spec.parity_rows)
    finally:
        if merged:
            shutil.rmtree(merged, ignore_errors=True)

    said("quantizing")
    target = spec.output / f"clitron-{spec.name}-{quant}.gguf"
    if target != f16:
        llama_cpp.quantize(spec.llama_cpp.library, f16, target, quant)
    described = lambda path: {"path": str(path), "bytes": path.stat().st_size, "sha256": sha256(path)}
    return {
        "output": str(spec.output),
        "f16": described(f16),
        "quantized": described(target),
        "quant": quant,
        "merged": merged is not None,
        "parity": str(spec.output / "parity.jsonl") if compared else None,
        "parity_rows": compared,
        "seconds": round(time.monotonic() - start, 1),
    }


if __name__ == "__main__":
    serve(main, Spec, __doc__)
