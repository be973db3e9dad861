"""Supervised training from random weights: the loop behind `base: scratch` (read sft.py first)."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import random
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import prune
from base import load_model
from device import choose_device, choose_precision, keep_freed_memory
from early_stopping import EarlyStopping
from files import whole_folder
from metrics import Metrics, perplexity
from parts import means, parts_of_tokens
from prompt import shown_mask
from protocol import DataError, SpecError, emit, log, typed
from relexicalise import Relexicaliser
from rows import Row, read_rows
from schedule import Schedule, positions
from scratch_loop import Loop
from scratch_model import ModelShape, Smoothing, build, completion_loss, completion_losses
from scratch_step import Gradients, Training, optimizer_for
from scratch_tokenizer import ScratchTokenizer, train


# Rows that merges are learned from, at most: from all of gh's 80,000 it took nine seconds.
MERGES_FROM = 20_000


@dataclass
class Logging:
    logging_steps: int = 20
    eval_steps: int = 300
    # Validation rows scored during training, always the first ones; the final figure is over all of them.
    eval_rows: int = 200


@dataclass
class Pruning:
    """After how many steps each layer's feed-forward part is narrowed, and to how many units; the step is None where it is not."""

    step: int | None
    width: int

    @staticmethod
    def of(training: Training, shape: ModelShape) -> Pruning:
        """The share is of the width that is configured: a phase that begins with a pruned model finds nothing left to prune. @raises SpecError"""
        if not 0 <= training.prune_at < 1:
            raise SpecError(f"config.training.prune_at: expected a share of the steps from 0 to below 1, found {training.prune_at}.")
        return Pruning(int(training.prune_at * training.steps) if training.prune else None, prune.width_after(shape.intermediate_size, training.prune))


@dataclass
class Data:
    max_seq_length: int = 512


def run(spec) -> dict:
    """Trains and writes the model folder. Returns the result event's fields. @raises SpecError, DataError, Interrupted."""
    import torch

    shape = typed(spec.config.get("model", {}), ModelShape, "config.model")
    training = typed(spec.config.get("training", {}), Training, "config.training", extra=True)
    logging = typed(spec.config.get("logging", {}), Logging, "config.logging", extra=True)
    data = typed(spec.config.get("data", {}), Data, "config.data", extra=True)
    schedule = typed(spec.config["schedule"], Schedule, "config.schedule") if "schedule" in spec.config else None
    if spec.pieces is None:
        raise SpecError("pieces: a model from scratch needs the JSON file with the schema's pieces.")
    early = EarlyStopping.of(training.early_stopping)
    device = choose_device(spec.device)
    if spec.precision == "fp16":
        raise SpecError("precision: fp16 would need loss scaling; models from scratch train in fp32 or bf16.")
    torch.set_num_threads(spec.threads)
    keep_freed_memory()
    rows, validation = read_rows(spec.train), read_rows(spec.validation)
    pieces = read_pieces(spec.pieces)

    if spec.start:
        tokenizer = ScratchTokenizer(spec.start)
    else:
        corpus = read_rows(spec.corpus) if spec.corpus else rows
        tokenizer = ScratchTokenizer(tokenizer=train(as_seen(corpus, pieces, training.relexicalise, spec.seed), pieces, shape.vocab_size))
    validation_examples = tokenizer.examples([(row.text, row.completion) for row in validation])
    parts = [parts_of_tokens(ids, row.completion, tokenizer.decode) for (_, ids), row in zip(validation_examples, validation)]
    shown = shown_mask(tokenizer.decode, *tokenizer.example(rows[0].text, rows[0].completion))
    emit("progress", message="preparing the training", step=0, steps=1, note=shown)
    rows = fitting(rows, tokenizer, data.max_seq_length)
    sizes = [schedule.rows(step, training.steps, training.batch_size) for step in range(training.steps)] if schedule else None
    stream = Stream(rows, Relexicaliser(rows, pieces), tokenizer, sizes or training.batch_size, training.relexicalise, spec.seed)

    torch.manual_seed(spec.seed)
    model = (load_model(spec.start, dtype=torch.float32) if spec.start else build(shape, tokenizer.size)).to(device)
    smoothing = Smoothing(training.label_smoothing, sorted(tokenizer.added[piece] for piece in pieces)) if training.label_smoothing else None
    gradients = Gradients(model, spec.threads, partial(completion_loss, smoothing=smoothing))
    precision = choose_precision(spec.precision, device, trial(gradients, stream))
    optimizers, set_rate = optimizer_for(model, training, gradients.pool.map, schedule)

    pruning = Pruning.of(training, shape)
    fingerprint = fingerprint_of(spec, shape, training, logging, schedule, precision)
    metrics = Metrics(spec.work / "metrics.jsonl", earlier=spec.start and spec.start / "metrics.jsonl")
    loop = Loop(spec, "training", training.steps, fingerprint, metrics, model, optimizers, early)
    loss_sum = loss_count = 0.0
    upcoming = gradients.pool.submit(stream.batch, loop.step)
    while not loop.last:
        if loop.step == pruning.step and prune.width_of(model) > pruning.width:
            prune.narrow(model, prune.important(model, pruning.width))
            # Muon's momentum, which spans some twenty steps and matrices of one shape together, begins anew; its steps are as
            # long as before, whatever the momentum's length. AdamW's parameters are none of these.
            optimizers[0].state.clear()
            log(f"pruned to {pruning.width} feed-forward units a layer before step {loop.step + 1}")
        rate = set_rate(loop.step)
        batch = upcoming.result()
        loss = gradients(batch, precision)
        # Made beside the optimizer's step, which leaves a core idle.
        upcoming = gradients.pool.submit(stream.batch, loop.step + 1)
        norm = loop.update()
        loop.count(sum(len(p) + len(c) for p, c in batch))
        if not loss == loss:
            raise RuntimeError(f"the loss became NaN at step {loop.step}; lower the learning rates or train in fp32")
        loss_sum, loss_count = loss_sum + loss, loss_count + 1
        if loop.step % logging.logging_steps == 0 or loop.last:
            line = {"step": loop.step, "epoch": round(stream.begin(loop.step) / len(rows), 3), "loss": loss_sum / loss_count, "grad_norm": norm, "learning_rate": rate, "tokens_per_second": round(loop.speed, 1)}
            if loop.step % logging.eval_steps == 0 or loop.last:
                line["validation_loss"], by_part = evaluate(model, validation_examples[: logging.eval_rows], parts[: logging.eval_rows], precision)
                line["perplexity"] = perplexity(line["validation_loss"])
                # Of one part, it is the same again.
                if len(by_part) > 1:
                    line["validation_loss_by_part"] = by_part
                # What is kept must be as narrow as it is asked to be.
                if early and (pruning.step is None or prune.width_of(model) <= pruning.width):
                    early.measured(loop.step, line["validation_loss"], model)
            metrics.add(**line)
            loss_sum = loss_count = 0.0
        loop.tell_and_save(loss)
    if not metrics.lines or "validation_loss" not in metrics.lines[-1]:
        raise SpecError(f"config.training.steps: expected at least one step, found {training.steps}.")
    train_loss = metrics.lines[-1]["loss"]
    figures = loop.figures()
    if early:
        figures |= early.conclude(model, metrics, loop.step, training.steps)
        train_loss = metrics.loss_at(early.kept_step)
    validation_loss, _ = evaluate(model, validation_examples, parts, precision)

    with whole_folder(spec.output) as folder:
        model.save_pretrained(folder)
        tokenizer.save(folder)
        metrics.write(folder / "metrics.jsonl")
    return {
        "output": str(spec.output),
        "train_loss": train_loss,
        "validation_loss": validation_loss,
        "perplexity": perplexity(validation_loss),
        **figures,
        "device": device,
        "precision": precision,
        "mask": shown,
    }


def as_seen(rows: list[Row], pieces: list[str], share: float, seed: int) -> list[Row]:
    """The rows with as many fresh values as training shows. Merges are learned from these: of the rows as they stand they
    would spell the commonest values whole, and a model that reads values in parts of a few letters copies them sooner
    (loss after 400 steps 0.46 instead of 0.60). Some rows from everywhere tell what is common."""
    relexicalise = Relexicaliser(rows, pieces)
    seen = []
    for row in rows[:: -(-len(rows) // MERGES_FROM)]:
        text, completion = relexicalise.sometimes(row, random.Random(f"{seed} merges {row.id}"), share)
        seen.append(dataclasses.replace(row, text=text, completion=completion))
    return seen


class Stream:
    """Batch number `step`, the same whenever it is asked for: a resumed run sees what an undisturbed one sees."""

    def __init__(self, rows: list[Row], relexicalise: Relexicaliser, tokenizer: ScratchTokenizer, size: int | list[int], share: float, seed: int):
        """`size`: rows in a batch, or in each."""
        self.rows, self.relexicalise, self.tokenizer = rows, relexicalise, tokenizer
        self.share, self.seed = share, seed
        if isinstance(size, int):
            self.begin = lambda step, each=min(size, len(rows)): step * each
        else:
            # One batch is prepared ahead of its step, and never used after the last.
            self.begin = positions([*size, size[-1]]).__getitem__
        self._epoch, self._order = -1, []

    def batch(self, step: int) -> list[tuple[list[int], list[int]]]:
        return self.tokenizer.examples([self._texts(position) for position in range(self.begin(step), self.begin(step + 1))])

    def _texts(self, position: int) -> tuple[str, str]:
        epoch, index = divmod(position, len(self.rows))
        if epoch != self._epoch:
            self._epoch, self._order = epoch, list(range(len(self.rows)))
            random.Random(f"{self.seed} order {epoch}").shuffle(self._order)
        row = self.rows[self._order[index]]
        return self.relexicalise.sometimes(row, random.Random(f"{self.seed} example {position}"), self.share)


def evaluate(model, examples, parts: list[list[list[str]]], precision: str) -> tuple[float, dict[str, float]]:
    """Mean negative log-likelihood per answer token in nats: of all, and of those of each part of the answers."""
    import torch

    model.eval()
    losses, names = [], []
    order = sorted(range(len(examples)), key=lambda index: len(examples[index][0]) + len(examples[index][1]))
    with torch.no_grad():
        for begin in range(0, len(order), 64):
            batch = order[begin : begin + 64]
            losses += completion_losses(model, [examples[index] for index in batch], precision).tolist()
            names += [name for index in batch for name in parts[index]]
    model.train()
    return sum(losses) / len(losses), means(losses, names)


def trial(gradients: Gradients, stream: Stream):
    """The gradients of a real batch, for timing; leaves none behind."""
    batch = stream.batch(0)

    def step(precision: str) -> None:
        gradients(batch, precision)
        gradients.model.zero_grad(set_to_none=True)

    return step


def fitting(rows: list[Row], tokenizer: ScratchTokenizer, limit: int) -> list[Row]:
    """Rows of at most `limit` tokens. Longer ones are left out and counted, never cut: a cut answer teaches to stop early."""

    def fits(row: Row) -> bool:
        # A token has a byte at least, and an example three tokens of its own: the most rows need no counting, which takes 14 s for 80,000.
        if len(row.text.encode()) + len(row.completion.encode()) + 3 <= limit:
            return True
        return sum(map(len, tokenizer.example(row.text, row.completion))) <= limit

    fit = [row for row in rows if fits(row)]
    if len(fit) < len(rows):
        log(f"{len(rows) - len(fit)} of {len(rows)} rows are longer than max_seq_length ({limit} tokens) and left out")
    if not fit:
        raise DataError(f"No training row fits max_seq_length ({limit} tokens).")
    return fit


def read_pieces(path: Path) -> list[str]:
    try:
        pieces = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read as JSON: {error}.") from None
    if not isinstance(pieces, list) or not all(isinstance(p, str) and p for p in pieces):
        raise DataError(f"{path}: expected a list of strings, the schema's pieces.")
    return pieces


def fingerprint_of(spec, shape: ModelShape, training: Training, logging: Logging, schedule: Schedule | None, precision: str) -> str:
    parts = [repr(shape), repr(training), repr(schedule), precision, str(spec.seed), spec.train.read_bytes(), spec.pieces.read_bytes()]
    parts += [file.read_bytes() for file in (spec.corpus, spec.start and spec.start / "model.safetensors") if file]
    if training.early_stopping:
        # What is measured decides what is kept.
        parts += [repr(logging), spec.validation.read_bytes()]
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part if isinstance(part, bytes) else part.encode())
        digest.update(b"\0")
    return digest.hexdigest()
