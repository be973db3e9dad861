"""Direct preference optimization (Rafailov et al. 2023) over the merged SFT model.

    python trainers/dpo.py spec.json

Policy and reference both start from `model`, on a resumed run too. Models from scratch train all their weights
(scratch_dpo.py), downloaded ones a LoRA adapter, which is merged at the end (trl_dpo.py): the output is always a whole
model.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from device import cores
from protocol import SpecError, log, serve, typed


@dataclass
class Spec:
    stage: Literal["dpo"]
    name: str
    # The SFT model's folder, merged.
    model: Path
    # JSONL of {id, text, chosen, rejected}.
    preferences: Path
    work: Path
    output: Path
    config: dict
    # The same form; without it every tenth pair is held out.
    validation: Path | None = None
    seed: int = 1
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    precision: Literal["auto", "fp32", "bf16", "fp16"] = "auto"
    checkpoint_seconds: float = 30.0
    # Also after so many steps, where they are there sooner.
    checkpoint_steps: int | None = None
    threads: int = field(default_factory=cores)


@dataclass
class Training:
    """The `training` section of dpo_config.yaml."""

    num_train_epochs: float = 1.0
    per_device_train_batch_size: int = 4
    gradient_accumulation_steps: int = 8
    learning_rate: float = 5e-6
    # Weight of the KL divergence from the reference.
    beta: float = 0.1
    loss_type: str = "sigmoid"
    warmup_ratio: float = 0.1
    lr_scheduler_type: str = "linear"
    max_steps: int = -1


@dataclass
class Data:
    max_seq_length: int = 2048


def main(spec: Spec) -> dict:
    from merge import is_adapter

    if is_adapter(spec.model):
        raise SpecError(f"model: {spec.model} is a LoRA adapter; merge it first (trainers/merge.py), or DPO would lose what SFT taught.")
    import parity
    from base import check, load_config
    from files import sha256, whole_folder
    from rows import fitting_pairs, read_pairs

    check(spec.model)
    training = typed(spec.config.get("training", {}), Training, "config.training", extra=True)
    data = typed(spec.config.get("data", {}), Data, "config.data", extra=True)
    encode, template = parity.encoder(spec.model)
    limit = min(data.max_seq_length, getattr(load_config(spec.model), "max_position_embeddings", data.max_seq_length))
    fitting = lambda pairs: fitting_pairs(pairs, encode, limit, spec.preferences) if pairs else []
    pairs = read_pairs(spec.preferences)
    held_out = fitting(read_pairs(spec.validation) if spec.validation else pairs[9::10])
    pairs = fitting(pairs if spec.validation else [pair for at, pair in enumerate(pairs) if at % 10 != 9])
    digest = hashlib.sha256(repr((spec.config, spec.seed)).encode() + spec.preferences.read_bytes())
    digest.update(sha256(next(spec.model.glob("*.safetensors"))).encode())

    # The other losses are the library's.
    if parity.is_scratch(spec.model) and training.loss_type == "sigmoid":
        import scratch_dpo as trainer
    else:
        import trl_dpo as trainer
    model, metrics, figures = trainer.run(spec, training, pairs, held_out, digest.hexdigest())

    with whole_folder(spec.output) as folder:
        model.config.use_cache = True
        model.save_pretrained(folder)
        for name in ("tokenizer.json", "tokenizer_config.json", "tokenizer.model", "chat_template.jinja", "special_tokens_map.json"):
            if (spec.model / name).is_file():
                (folder / name).write_bytes((spec.model / name).read_bytes())
        template.save(folder)
        metrics.write(folder / "metrics.jsonl")
    log(f"preferences held out: accuracy {figures['rewards_accuracy']}")
    return {"output": str(spec.output), "pairs": len(pairs), "held_out_pairs": len(held_out), **figures}


if __name__ == "__main__":
    serve(main, Spec, __doc__)
