"""Direct preference optimization (Rafailov et al. 2023) over the merged SFT model.

    python trainers/dpo.py spec.json

Policy and reference both start from `model`, on a resumed run too. Models from scratch train all their weights,
downloaded ones a LoRA adapter, which is merged at the end: the output is always a whole model.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from device import cores
from protocol import DataError, SpecError, log, serve, typed


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

    import torch
    from datasets import Dataset
    from trl import DPOConfig, DPOTrainer

    import parity
    from base import check, load_config, load_model, load_tokenizer
    from device import choose_device, choose_precision, dtype_of
    from files import whole_folder
    from lora import Lora, wrap
    from metrics import Metrics
    from rows import read_pairs
    from trl_run import callback, common_arguments, train, trainer_class

    check(spec.model)
    section = spec.config.get("training", {})
    training = typed(section, Training, "config.training", extra=True)
    lora = typed(section, Lora, "config.training", extra=True)
    data = typed(spec.config.get("data", {}), Data, "config.data", extra=True)
    scratch = parity.is_scratch(spec.model)
    device = choose_device(spec.device)
    # In the library's modules a small model's casts cost more than 16 bits save: 57 steps took 35 s in bf16, 26 in fp32.
    precision = "fp32" if scratch and device == "cpu" else choose_precision(spec.precision, device)
    torch.set_num_threads(spec.threads)
    torch.manual_seed(spec.seed)

    pairs = read_pairs(spec.preferences)
    held_out = read_pairs(spec.validation) if spec.validation else [p for i, p in enumerate(pairs) if i % 10 == 9]
    if not spec.validation and held_out:
        pairs = [p for i, p in enumerate(pairs) if i % 10 != 9]
    encode, template = parity.encoder(spec.model)

    limit = min(data.max_seq_length, getattr(load_config(spec.model), "max_position_embeddings", data.max_seq_length))
    dataset = lambda pairs: Dataset.from_list(fitting(pairs, encode, limit, spec.preferences))

    full = scratch or not lora.use_lora
    load = lambda: load_model(spec.model, dtype=torch.float32 if full else dtype_of(precision))
    tokenizer = load_tokenizer(spec.model)
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    arguments = DPOConfig(
        **{**common_arguments(spec, device, precision, 1), "eval_strategy": "epoch" if held_out else "no"},
        num_train_epochs=training.num_train_epochs,
        max_steps=training.max_steps,
        per_device_train_batch_size=training.per_device_train_batch_size,
        per_device_eval_batch_size=training.per_device_train_batch_size,
        gradient_accumulation_steps=training.gradient_accumulation_steps,
        learning_rate=training.learning_rate,
        warmup_steps=training.warmup_ratio,
        lr_scheduler_type=training.lr_scheduler_type,
        beta=training.beta,
        loss_type=[training.loss_type],
    )
    metrics = Metrics(spec.work / "metrics.jsonl")
    events = callback(metrics, "preference tuning", spec)
    # Both are built from the SFT model even when a checkpoint is resumed: its weights are loaded into the policy only,
    # for a reference taken from a half-trained policy would pull nowhere. (With LoRA the reference is the policy with
    # its adapter switched off.)
    model = load()
    trainer = trainer_class(DPOTrainer)(
        model=model if full else wrap(model, lora),
        ref_model=load() if full else None,
        args=arguments,
        train_dataset=dataset(pairs),
        eval_dataset=dataset(held_out) if held_out else None,
        processing_class=tokenizer,
        callbacks=[events],
    )
    if not full:
        # TRL's copy of the untrained adapter. A checkpoint with two adapters is resumed with this one alone, and the trained one's steps would be lost.
        trainer.model.delete_adapter("ref")
    digest = hashlib.sha256(repr((spec.config, precision, spec.seed)).encode() + spec.preferences.read_bytes())
    with open(next(spec.model.glob("*.safetensors")), "rb") as file:
        digest.update(hashlib.file_digest(file, "sha256").digest())
    start = time.monotonic()
    train(trainer, events, metrics, digest.hexdigest())
    seconds = time.monotonic() - start
    final = trainer.evaluate() if held_out else {}
    trainable = sum(p.numel() for p in trainer.model.parameters() if p.requires_grad)

    with whole_folder(spec.output) as folder:
        whole = trainer.model if full else trainer.model.merge_and_unload()
        whole.config.use_cache = True
        whole.save_pretrained(folder)
        for name in ("tokenizer.json", "tokenizer_config.json", "tokenizer.model", "chat_template.jinja", "special_tokens_map.json"):
            if (spec.model / name).is_file():
                (folder / name).write_bytes((spec.model / name).read_bytes())
        template.save(folder)
        metrics.write(folder / "metrics.jsonl")
    log(f"preferences held out: accuracy {final.get('eval_rewards/accuracies')}")
    losses = [line["loss"] for line in metrics.lines if "loss" in line]
    number = lambda key: float(final[key]) if key in final else None
    return {
        "output": str(spec.output),
        "train_loss": losses[-1] if losses else None,
        "validation_loss": number("eval_loss"),
        "rewards_accuracy": number("eval_rewards/accuracies"),
        "rewards_margin": number("eval_rewards/margins"),
        "rewards_chosen": number("eval_rewards/chosen"),
        "rewards_rejected": number("eval_rewards/rejected"),
        "pairs": len(pairs),
        "held_out_pairs": len(held_out),
        "steps": trainer.state.global_step,
        "tokens": trainer.tokens,
        "seconds": round(seconds, 1),
        "tokens_per_second": round(trainer.tokens / seconds, 1) if seconds else None,
        "trainable_parameters": trainable,
        "device": device,
        "precision": precision,
    }


def fitting(pairs, encode, limit: int, file: Path) -> list[dict[str, list[int]]]:
    """Token ids of the pairs whose prompt and chosen answer have at most `limit` tokens; longer ones are left out and counted.

    A rejected answer is cut at twice the longest chosen one: a model that never ended wrote hundreds of tokens, and what
    is wrong with them stands at their beginning.
    """
    rows = []
    for pair in pairs:
        prompt, chosen = encode(pair.text, pair.chosen)
        rows.append({"prompt_ids": prompt, "chosen_ids": chosen, "rejected_ids": encode(pair.text, pair.rejected)[1]})
    fit = [row for row in rows if len(row["prompt_ids"]) + len(row["chosen_ids"]) <= limit]
    if len(fit) < len(rows):
        log(f"{file.name}: {len(rows) - len(fit)} of {len(rows)} pairs are longer than {limit} tokens and left out")
    if not fit:
        raise DataError(f"{file}: no pair fits into {limit} tokens; raise max_seq_length or choose a base with a longer context.")
    longest = 2 * max(len(row["chosen_ids"]) for row in fit)
    for row in fit:
        row["rejected_ids"] = row["rejected_ids"][: min(longest, limit - len(row["prompt_ids"]))]
    return fit


if __name__ == "__main__":
    serve(main, Spec, __doc__)
