"""metrics.jsonl: one line per logged step, cut back to the checkpoint when a run is resumed."""

from __future__ import annotations

import json
import math
from pathlib import Path


class Metrics:
    """Lines have step, epoch, loss, grad_norm, learning_rate, tokens_per_second; validated steps also validation_loss, perplexity,
    and from scratch validation_loss_by_part where answers are JSON objects of several keys. With early stopping the last one
    has kept_step, whose weights are kept, and stopped_early_at where it was not to be the last.

    The lines of an `earlier` phase, that this training goes on from, come first, and steps are counted on from there.
    """

    def __init__(self, path: Path, earlier: Path | None = None):
        self.path = path
        self.lines: list[dict] = read(earlier) if earlier else []
        self.steps_before = self.lines[-1]["step"] if self.lines else 0

    def restore(self, path: Path, step: int) -> None:
        """Takes over the lines of a checkpoint's copy up to this training's `step`."""
        if path.is_file():
            self.lines = [line for line in read(path) if line["step"] <= self.steps_before + step]
        self.write(self.path)

    def add(self, step: int, **line) -> None:
        """Appends a line; what comes later for the same step (its validation) joins it."""
        line = {"step": self.steps_before + step, **line}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self.lines and self.lines[-1]["step"] == line["step"]:
            self.lines[-1].update(line)
            self.write(self.path)
            return
        self.lines.append(line)
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def loss_at(self, step: int) -> float | None:
        """The training loss that was last logged up to this training's `step`."""
        return next((line["loss"] for line in reversed(self.lines) if "loss" in line and line["step"] <= self.steps_before + step), None)

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(line) + "\n" for line in self.lines))


def read(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def perplexity(loss: float) -> float:
    """exp of the mean negative log-likelihood per token in nats; capped where a float would overflow."""
    return math.exp(min(loss, 80.0))
