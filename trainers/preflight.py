"""Before anything is spent: does this base go through the whole way on this machine?

    python trainers/preflight.py spec.json

A throw-away model of the same architecture and tokenizer, two layers small, is converted and quantized; disk and
memory are checked against the base's size; the precision is measured (it then belongs to the run). GGUF export
failing after hours of training is what people complain about most.
"""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from protocol import NeedsPersonError, SpecError, emit, log, serve, typed
from quantize import LlamaCpp


@dataclass
class Spec:
    stage: Literal["preflight"]
    name: str
    base: str
    # A folder for the throw-away files; emptied afterwards.
    output: Path
    llama_cpp: LlamaCpp
    quant: str = "q4_k_m"
    # The training's configuration (sft_config.yaml or scratch_config.yaml's `sft`), for shape and LoRA targets.
    config: dict = field(default_factory=dict)
    pieces: Path | None = None
    system: str = "Answer with JSON."
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    precision: Literal["auto", "fp32", "bf16", "fp16"] = "auto"


def main(spec: Spec) -> dict:
    import llama_cpp
    from device import choose_device

    start = time.monotonic()
    said = lambda message, step: emit("progress", message=message, step=step, steps=4)
    quant = llama_cpp.file_type(spec.quant)
    device = choose_device(spec.device)
    spec.output.mkdir(parents=True, exist_ok=True)
    work = spec.output / ".preflight"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    try:
        said("building a throw-away model", 0)
        build = _scratch if spec.base == "scratch" else _downloaded
        architecture, parameters, precision, needed = build(spec, work / "model", device)
        said("checking disk and memory", 1)
        memory = memory_needed(parameters, device)
        enough(spec.output, parameters, device, needed, memory)
        said("converting it", 2)
        f16 = work / "f16.gguf"
        if spec.base == "scratch":
            import gguf_writer

            gguf_writer.write(work / "model", f16, spec.name)
        else:
            if spec.llama_cpp.convert is None:
                raise SpecError("llama_cpp.convert: the path of convert_hf_to_gguf.py is needed for a downloaded base.")
            llama_cpp.convert(spec.llama_cpp.convert, work / "model", f16, spec.name)
        said("quantizing it", 3)
        if quant != "f16":
            llama_cpp.quantize(spec.llama_cpp.library, f16, work / "quantized.gguf", quant)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return {
        "device": device,
        "precision": precision,
        "architecture": architecture,
        "parameters": parameters,
        "bytes_needed": needed,
        "memory_needed": memory,
        "seconds": round(time.monotonic() - start, 1),
    }


def _scratch(spec: Spec, folder: Path, device: str):
    """The real shape on made-up rows: small enough to be its own throw-away, and the precision is timed on its real step."""
    from device import choose_precision, cores
    from relexicalise import Relexicaliser
    from rows import Row
    from scratch_model import ModelShape, build
    from scratch_sft import Stream, read_pieces, trial
    from scratch_step import Gradients, Training
    from scratch_tokenizer import ScratchTokenizer, train

    pieces = read_pieces(spec.pieces) if spec.pieces else ['{"type":"command","command":"', '","args":{', '},"flags":[', "]}"]
    rows = [Row(str(i), f"show the open pull requests of user{i}\ncurrent_branch=feature/{i} repo_owner=owner repo_name=name{i}", '{"type":"command","command":"pr' + f'","args":{{"author":"user{i}"}},"flags":[]}}') for i in range(64)]
    tokenizer = ScratchTokenizer(tokenizer=train(rows, pieces, 512))
    shape = typed(spec.config.get("model", {}), ModelShape, "config.model")
    training = typed(spec.config.get("training", {}), Training, "config.training", extra=True)
    model = build(shape, tokenizer.size).to(device)
    stream = Stream(rows, Relexicaliser(rows, pieces), tokenizer, training.batch_size, 0.0, 1)
    precision = choose_precision(spec.precision, device, trial(Gradients(model, cores()), stream))
    folder.mkdir()
    model.save_pretrained(folder)
    tokenizer.save(folder)
    parameters = sum(p.numel() for p in model.parameters())
    # Two checkpoints of 4 copies in 32 bit (weights, gradients' moments), the models of SFT and DPO, four GGUFs.
    # With early stopping each checkpoint has the weights once more.
    return model.config.model_type, parameters, precision, parameters * 4 * (14 if training.early_stopping else 12)


def _downloaded(spec: Spec, folder: Path, device: str):
    """Two small layers of the base's architecture under its own tokenizer and vocabulary."""
    from transformers import AutoModelForCausalLM

    import prune
    from base import attention, check, load_config, load_tokenizer
    from device import choose_precision
    from lora_sft import Training, chosen_units
    from prompt import from_tokenizer

    base = Path(spec.base)
    if not (base / "config.json").is_file():
        raise SpecError(f"base: expected 'scratch' or a model folder with config.json, found {spec.base!r}.")
    parameters = sum(_parameters(file) for file in check(base))
    tokenizer = load_tokenizer(base)
    template = from_tokenizer(tokenizer, spec.system)
    log(f"prompt: {template.render('…')!r}")
    precision = choose_precision(spec.precision, device)
    config = shrunk(load_config(base))
    model = AutoModelForCausalLM.from_config(config, **attention(spec.config, device, precision))
    training = typed(spec.config.get("training", {}), Training, "config.training", extra=True)
    kept = chosen_units(model, training.prune)
    if kept:
        prune.narrow(model, kept)
    folder.mkdir()
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    # In 16 bit: the merged SFT model, the DPO model, two F16 GGUFs; two quantized ones count as one more. Two checkpoints of
    # 3 copies in 32 bit of what is trained (weights and two moments), 4 with early stopping (the weights that are kept).
    needed = parameters * 2 * 5 + _trained(spec, base, parameters) * 4 * (4 if training.early_stopping else 3) * 2
    return config.model_type, parameters, precision, needed


def _trained(spec: Spec, base: Path, parameters: int) -> int:
    """Weights that the training moves: the adapter's, or all. @raises SpecError for a target module that this base lacks."""
    import torch
    from transformers import AutoModelForCausalLM

    from base import load_config
    from lora import Lora, wrap

    lora = typed(spec.config.get("training", {}), Lora, "config.training", extra=True)
    if not lora.use_lora:
        return parameters
    with torch.device("meta"):  # of full size, without memory
        model = wrap(AutoModelForCausalLM.from_config(load_config(base)), lora)
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


# Sizes by the names that architectures use for them.
_SMALL = {
    "hidden_size": 256, "n_embd": 256, "intermediate_size": 512, "n_inner": 512, "num_attention_heads": 4, "n_head": 4,
    "num_key_value_heads": 2, "head_dim": 64, "num_hidden_layers": 2, "n_layer": 2,
}  # fmt: skip


def shrunk(config):
    """`config` with two small layers; where layers are of two kinds, one of each."""
    kinds = getattr(config, "layer_types", None)
    for name, size in _SMALL.items():
        if getattr(config, name, None) is not None:
            setattr(config, name, size)
    if kinds:
        different = list(dict.fromkeys(kinds))
        config.layer_types = (different * 2)[:2]
        if getattr(config, "full_attn_idxs", None) is not None:
            config.full_attn_idxs = [i for i, kind in enumerate(config.layer_types) if kind == "full_attention"]
    return config


def _parameters(file: Path) -> int:
    """Number of weights in a safetensors file, from its header."""
    with open(file, "rb") as stream:
        size = int.from_bytes(stream.read(8), "little")
        if not 0 < size < 100_000_000:
            raise SpecError(f"base: {file} is no safetensors file.")
        header = json.loads(stream.read(size))
    total = 0
    for name, tensor in header.items():
        if name != "__metadata__":
            count = 1
            for length in tensor["shape"]:
                count *= length
            total += count
    return total


def memory_needed(parameters: int, device: str) -> int:
    """Bytes of main memory. What is announced is what is asked for: the factors are those of `estimate` in src/setup/bases.ts."""
    # Beside a GPU with memory of its own the merge takes the most: it is checked in 32 bit, and a gigabyte for everything else.
    return parameters * 4 + 10**9 if device == "cuda" else parameters * 5 + 2 * 10**9


def enough(folder: Path, parameters: int, device: str, needed: int, memory: int) -> None:
    """@raises NeedsPersonError when disk, main memory or the GPU's memory are too small."""
    import psutil
    import torch

    gigabytes = lambda n: f"{n / 1e9:.1f} GB"
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise NeedsPersonError(f"This run needs about {gigabytes(needed)} of disk at {folder}; {gigabytes(free)} are free.")
    available = psutil.virtual_memory().available
    if available < memory:
        raise NeedsPersonError(f"This base needs about {gigabytes(memory)} of memory; {gigabytes(available)} are available. Choose a smaller base (`clitron bases`).")
    if device == "cuda":
        training = parameters * 2.6 + 2e9
        free, whole = torch.cuda.mem_get_info()
        # What this process holds already, it gives back.
        free += torch.cuda.memory_reserved()
        if free < training:
            raise NeedsPersonError(
                f"A training of this base needs about {gigabytes(training)} of the GPU's memory; {gigabytes(free)} of its {gigabytes(whole)} are free. End what else uses the GPU and resume; or cancel the run and start it with a smaller base (`clitron bases`) or on another host."
            )


if __name__ == "__main__":
    serve(main, Spec, __doc__)
