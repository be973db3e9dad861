"""Supervised fine-tuning of a downloaded base with TRL and LoRA (read sft.py first)."""

from __future__ import annotations

import hashlib
import math
import time
from dataclasses import dataclass
from pathlib import Path

import prune
from base import attention, check, load_model, load_tokenizer
from device import choose_device, choose_precision, dtype_of
from early_stopping import EarlyStopping
from files import whole_folder
from lora import Lora, go_on, wrap
from metrics import Metrics, perplexity
from prompt import encode_example, from_tokenizer, shown_mask
from protocol import DataError, emit, log, typed
from rows import Row, read_rows
from schedule import Schedule
from trl_run import callback, common_arguments, train, trainer_class


@dataclass
class Training:
    """The `training` section of sft_config.yaml, beside the LoRA keys."""

    num_train_epochs: float = 3.0
    per_device_train_batch_size: int = 8
    gradient_accumulation_steps: int = 4
    learning_rate: float = 2e-5
    warmup_ratio: float = 0.1
    lr_scheduler_type: str = "cosine"
    # Share of each token's probability that is left to the whole vocabulary alike.
    label_smoothing: float = 0.0
    # Share of the feed-forward units that the base loses before it is trained.
    prune: float = 0.0
    # So many evaluations, one an epoch, without a lower validation loss end the training, and the weights of the lowest are kept; 0: never.
    early_stopping: int = 0
    # For tests and trials; -1: as many as the epochs have.
    max_steps: int = -1


@dataclass
class Data:
    max_seq_length: int = 2048


@dataclass
class Logging:
    logging_steps: int = 10


def run(spec) -> dict:
    """Trains and writes the adapter's folder. Returns the result event's fields. @raises SpecError, DataError, Interrupted."""
    import torch
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    section = spec.config.get("training", {})
    training = typed(section, Training, "config.training", extra=True)
    lora = typed(section, Lora, "config.training", extra=True)
    logging = typed(spec.config.get("logging", {}), Logging, "config.logging", extra=True)
    data = typed(spec.config.get("data", {}), Data, "config.data", extra=True)
    schedule = typed(spec.config["schedule"], Schedule, "config.schedule") if "schedule" in spec.config else None
    early = EarlyStopping.of(training.early_stopping)
    device = choose_device(spec.device)
    precision = choose_precision(spec.precision, device)
    torch.set_num_threads(spec.threads)
    torch.manual_seed(spec.seed)

    check(spec.base)
    tokenizer = load_tokenizer(spec.base)
    template = from_tokenizer(tokenizer, read_system(spec.system))
    # The base is loaded whole onto one device. The specification's device_map="auto" is for inference: it may split or
    # offload a model, which training cannot use; device and MPS are found by choose_device instead.
    model = load_model(
        spec.base if lora.use_lora or not spec.start else spec.start,
        dtype=dtype_of(precision) if lora.use_lora else torch.float32,
        **attention(spec.config, device, precision),
    )
    kept = prune.recorded(spec.start) if spec.start else chosen_units(model, training.prune)
    if kept:
        prune.narrow(model, kept)
    parameters = sum(p.numel() for p in model.parameters())
    model.config.use_cache = False
    limit = min(data.max_seq_length, getattr(model.config, "max_position_embeddings", data.max_seq_length))
    encode = lambda row: encode_example(tokenizer, template, row.text, row.completion)
    rows = fitting(read_rows(spec.train), encode, limit, spec.train)
    validation = fitting(read_rows(spec.validation), encode, limit, spec.validation)
    shown = check_masks(tokenizer, rows)
    emit("progress", message="preparing the training", step=0, steps=1, note=shown)
    if lora.use_lora:
        model = go_on(model, spec.start) if spec.start else wrap(model, lora)

    # With pad == eos TRL's collator still pads labels with -100 by length, so the real EOS keeps its label.
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    steps = scheduled_steps(schedule, training, len(rows)) if schedule else training.max_steps
    arguments = SFTConfig(
        **{**common_arguments(spec, device, precision, logging.logging_steps), **(evaluations(schedule, training, len(rows)) if early else {})},
        num_train_epochs=training.num_train_epochs,
        max_steps=steps,
        per_device_train_batch_size=training.per_device_train_batch_size,
        per_device_eval_batch_size=training.per_device_train_batch_size,
        gradient_accumulation_steps=training.gradient_accumulation_steps,
        learning_rate=training.learning_rate,
        warmup_steps=training.warmup_ratio,  # below 1 it is a share of all steps
        lr_scheduler_type=training.lr_scheduler_type,
        packing=False,  # rows are padded and masked: so every implementation of attention tells them apart
        label_smoothing_factor=training.label_smoothing,
        # TRL's own way of computing the loss, in chunks, hands out no logits that could be smoothed.
        **({"loss_type": "nll"} if training.label_smoothing else {}),
    )
    metrics = Metrics(spec.work / "metrics.jsonl", earlier=spec.start and spec.start / "metrics.jsonl")
    events = callback(metrics, "training", spec)
    dataset = lambda pairs: Dataset.from_list([{"input_ids": p + c, "labels": [-100] * len(p) + c} for p, c in pairs])
    trainer = trainer_class(SFTTrainer)(model=model, args=arguments, train_dataset=dataset(rows), eval_dataset=dataset(validation), processing_class=tokenizer, callbacks=[events])
    trainer.early = early
    if schedule:
        trainer.follow(schedule, steps, training.warmup_ratio)
    start = time.monotonic()
    train(trainer, events, metrics, fingerprint_of(spec, precision, measured=early is not None))
    seconds = time.monotonic() - start
    last = trainer.state.global_step
    ending = early.conclude(trainer.model, metrics, last, trainer.state.max_steps) if early else {}
    # Where evaluations are compared, each is over all rows.
    validation_loss = early.loss if early else float(trainer.evaluate()["eval_loss"])

    with whole_folder(spec.output) as folder:
        trainer.model.save_pretrained(folder)
        (folder / "README.md").unlink(missing_ok=True)  # PEFT's empty model card; Clitron writes its own
        tokenizer.save_pretrained(folder)
        template.save(folder)
        if kept and lora.use_lora:
            prune.record(kept, folder)
        metrics.write(folder / "metrics.jsonl")
    return {
        "output": str(spec.output),
        "train_loss": metrics.loss_at(early.kept_step if early else last),
        "validation_loss": validation_loss,
        "validation_rows": len(validation),
        "perplexity": perplexity(validation_loss),
        "steps": last,
        **ending,
        "tokens": trainer.tokens,
        "seconds": round(seconds, 1),
        "tokens_per_second": round(trainer.tokens / seconds, 1),
        "parameters": parameters,
        "trainable_parameters": sum(p.numel() for p in trainer.model.parameters() if p.requires_grad),
        "device": device,
        "precision": precision,
        "mask": shown,
    }


def chosen_units(model, share: float) -> list[list[int]] | None:
    """The units of each layer that stay when this share goes; None for all of them. @raises SpecError"""
    return prune.important(model, prune.width_after(prune.width_of(model), share)) if share else None


def scheduled_steps(schedule: Schedule, training: Training, rows: int) -> int:
    """The steps that the epochs take with the schedule's batches; where the steps are limited, at most those."""
    full = training.per_device_train_batch_size * training.gradient_accumulation_steps
    steps = schedule.steps_for(training.num_train_epochs * rows, full)
    return min(steps, training.max_steps) if training.max_steps > 0 else steps


def evaluations(schedule: Schedule | None, training: Training, rows: int) -> dict:
    """TrainingArguments that validate after the step that ends an epoch (with a schedule, where all batches make one epoch,
    after as many rows). The library's own evaluation at an epoch's end comes after that step's checkpoint, and a run that
    is resumed from there leaves it out."""
    each, accumulated = training.per_device_train_batch_size, training.gradient_accumulation_steps
    epoch = schedule.steps_for(rows, each * accumulated) if schedule else math.ceil(math.ceil(rows / each) / accumulated)
    return {"eval_strategy": "steps", "eval_steps": epoch}


def read_system(system: str) -> str:
    """The system turn: the text itself, or the file that holds it."""
    path = Path(system)
    return path.read_text(encoding="utf-8") if system and len(system) < 1000 and path.is_file() else system


def fitting(rows: list[Row], encode, limit: int, file: Path) -> list[tuple[list[int], list[int]]]:
    """(prompt, completion) ids of the rows of at most `limit` tokens; longer ones are left out and counted, never cut."""
    encoded = [encode(row) for row in rows]
    fit = [(p, c) for p, c in encoded if len(p) + len(c) <= limit]
    if len(fit) < len(encoded):
        log(f"{file.name}: {len(encoded) - len(fit)} of {len(encoded)} rows are longer than {limit} tokens and left out")
    if not fit:
        shortest = min(len(p) + len(c) for p, c in encoded)
        raise DataError(f"{file}: no row fits into {limit} tokens (the shortest has {shortest}); raise max_seq_length or choose a base with a longer context.")
    return fit


def check_masks(tokenizer, rows: list[tuple[list[int], list[int]]]) -> str:
    """The first row's decoded mask. @raises DataError when a row has nothing to learn (only EOS)."""
    for number, (_, completion) in enumerate(rows, 1):
        if len(completion) < 2:
            raise DataError(f"Training row {number} has an empty answer for this base's tokenizer: nothing would be learned from it.")
    return shown_mask(tokenizer.decode, *rows[0])


def fingerprint_of(spec, precision: str, measured: bool = False) -> str:
    """`measured`: the validation rows decide what is kept."""
    digest = hashlib.sha256()
    for part in (repr(spec.config), spec.base, read_system(spec.system), precision, str(spec.seed)):
        digest.update(part.encode() + b"\0")
    for file in [spec.train, spec.validation] if measured else [spec.train]:
        digest.update(file.read_bytes())
    for file in sorted(spec.start.glob("*.safetensors")) if spec.start else []:
        digest.update(file.read_bytes())
    return digest.hexdigest()
