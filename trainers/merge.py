"""LoRA adapter + base → one model folder, in the base's 16 bit (32 on request).

    python trainers/merge.py spec.json

DPO starts from the merged SFT model: an adapter stacked on an adapter, or merged into the untouched base, silently
loses what SFT taught.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from protocol import SpecError, serve


@dataclass
class Spec:
    stage: Literal["merge"]
    # The adapter's folder; a folder without adapter is copied as it is.
    model: Path
    output: Path
    # Where the base stands, if not at the path in adapter_config.json.
    base: str | None = None
    precision: Literal["16", "32"] = "16"


def is_adapter(folder: Path) -> bool:
    return (folder / "adapter_config.json").is_file() and (folder / "adapter_model.safetensors").is_file()


def merge(adapter: Path, output: Path, base: str | None = None, precision: str = "16") -> dict:
    """Writes the merged model to `output`; checks that it speaks like base + adapter and not like the base.

    Returns {"error", "change"}: the largest difference of merged and adapter logits, and of merged and base logits.
    @raises RuntimeError when the merge lost the adapter.
    """
    import json

    import torch
    from peft import PeftModel

    import prune
    from base import check, load_model, load_tokenizer
    from files import whole_folder
    from prompt import FILE

    base = base or json.loads((adapter / "adapter_config.json").read_text())["base_model_name_or_path"]
    if not Path(base, "config.json").is_file():
        raise SpecError(f"base: the adapter's base model {base!r} is no model folder; name it in the spec's `base`.")
    check(base)
    tokenizer = load_tokenizer(adapter)
    # The check is made in 32 bit, where equal means equal; rounding to 16 bit comes last.
    model = load_model(base, dtype=torch.float32).eval()
    kept = prune.recorded(adapter)
    if kept:
        prune.narrow(model, kept)
    stored = json.loads(Path(base, "config.json").read_text())
    probe = torch.tensor([tokenizer("show my open pull requests")["input_ids"]])
    with torch.no_grad():
        base_logits = model(probe).logits
        model = PeftModel.from_pretrained(model, adapter).eval()
        adapter_logits = model(probe).logits
        model = model.merge_and_unload()
        merged_logits = model(probe).logits
    error = (merged_logits - adapter_logits).abs().max().item()
    change = (merged_logits - base_logits).abs().max().item()
    scale = adapter_logits.abs().max().item()
    if error > 1e-3 * max(1.0, scale):
        raise RuntimeError(f"the merged model's logits differ from the adapter's by up to {error:.2g}; the merge is wrong")
    if change == 0 or change < 2 * error:
        raise RuntimeError(f"the merged model's logits equal the base's (difference {change:.2g}); the adapter changes nothing or was not merged")
    if precision == "16":
        half = stored.get("dtype") or stored.get("torch_dtype")
        model = model.to(torch.float16 if half == "float16" else torch.bfloat16)
    with whole_folder(output) as folder:
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        for name in (FILE, "metrics.jsonl"):
            if (adapter / name).is_file():
                shutil.copy(adapter / name, folder / name)
    return {"error": error, "change": change}


def main(spec: Spec) -> dict:
    from files import whole_folder

    if is_adapter(spec.model):
        return {"output": str(spec.output), "merged": True, **merge(spec.model, spec.output, spec.base, spec.precision)}
    if not (spec.model / "config.json").is_file():
        raise SpecError(f"model: {spec.model} has neither config.json nor adapter_config.json with adapter_model.safetensors.")
    with whole_folder(spec.output) as folder:
        shutil.copytree(spec.model, folder, dirs_exist_ok=True)
    return {"output": str(spec.output), "merged": False}


if __name__ == "__main__":
    serve(main, Spec, __doc__)
