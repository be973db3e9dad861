"""Preference tuning by TRL: a LoRA adapter over a downloaded base, or all weights (read dpo.py first)."""

from __future__ import annotations

import time

from base import attention, load_model, load_tokenizer
from device import choose_device, choose_precision, dtype_of
from lora import Lora, wrap
from metrics import Metrics
from protocol import typed
from trl_run import callback, common_arguments, train, trainer_class


def run(spec, training, pairs: list[dict], held_out: list[dict], fingerprint: str):
    """(the whole tuned model, its metrics, the result event's fields)."""
    import parity
    import torch
    from datasets import Dataset
    from trl import DPOConfig, DPOTrainer

    lora = typed(spec.config.get("training", {}), Lora, "config.training", extra=True)
    scratch = parity.is_scratch(spec.model)
    device = choose_device(spec.device)
    # In the library's modules a small model's casts cost more than 16 bits save: 57 steps took 35 s in bf16, 26 in fp32.
    precision = "fp32" if scratch and device == "cpu" else choose_precision(spec.precision, device)
    torch.set_num_threads(spec.threads)
    torch.manual_seed(spec.seed)

    full = scratch or not lora.use_lora
    load = lambda: load_model(spec.model, dtype=torch.float32 if full else dtype_of(precision), **attention(spec.config, device, precision))
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
        train_dataset=Dataset.from_list(pairs),
        eval_dataset=Dataset.from_list(held_out) if held_out else None,
        processing_class=tokenizer,
        callbacks=[events],
    )
    if not full:
        # TRL's copy of the untrained adapter. A checkpoint with two adapters is resumed with this one alone, and the trained one's steps would be lost.
        trainer.model.delete_adapter("ref")
    start = time.monotonic()
    train(trainer, events, metrics, f"{fingerprint} {precision}")
    seconds = time.monotonic() - start
    final = trainer.evaluate() if held_out else {}
    trainable = sum(p.numel() for p in trainer.model.parameters() if p.requires_grad)
    losses = [line["loss"] for line in metrics.lines if "loss" in line]
    number = lambda key: float(final[key]) if key in final else None
    return trainer.model if full else trainer.model.merge_and_unload(), metrics, {
        "train_loss": losses[-1] if losses else None,
        "validation_loss": number("eval_loss"),
        "rewards_accuracy": number("eval_rewards/accuracies"),
        "rewards_margin": number("eval_rewards/margins"),
        "rewards_chosen": number("eval_rewards/chosen"),
        "rewards_rejected": number("eval_rewards/rejected"),
        "steps": trainer.state.global_step,
        "tokens": trainer.tokens,
        "seconds": round(seconds, 1),
        "tokens_per_second": round(trainer.tokens / seconds, 1) if seconds else None,
        "trainable_parameters": trainable,
        "device": device,
        "precision": precision,
    }
