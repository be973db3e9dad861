"""Early stopping: a training ends when its validation loss has come to no new low for some evaluations, and the weights of
its lowest point are kept (Goodfellow, Bengio and Courville 2016, algorithm 7.1,
https://www.deeplearningbook.org/contents/regularization.html).

transformers' EarlyStoppingCallback keeps its weights in a checkpoint folder of their own, by a path that checkpoint.py has
renamed and after two more saves removed, and counts anew after a resumption. Here weights and count are part of every
checkpoint, so a killed run comes to the same end.
"""

from __future__ import annotations

import math
from pathlib import Path

from metrics import Metrics
from protocol import SpecError, emit, log

FILE = "early_stopping.pt"


class EarlyStopping:
    """`kept_step`: the step of the least validation `loss` so far, in nats per answer token; None before there is one."""

    def __init__(self, patience: int):
        """`patience`: so many evaluations without a new low end the training."""
        self.patience, self.without_gain = patience, 0
        self.kept_step: int | None = None
        self.loss, self.weights = math.inf, {}

    @staticmethod
    def of(patience: int) -> EarlyStopping | None:
        """None for 0, which means that a training takes all of its steps. @raises SpecError"""
        if patience < 0:
            raise SpecError(f"config.training.early_stopping: expected a whole number from 0 (off), found {patience}.")
        return EarlyStopping(patience) if patience else None

    @property
    def stopped(self) -> bool:
        return self.without_gain >= self.patience

    def measured(self, step: int, loss: float, model) -> None:
        """After each evaluation, of the same rows each time: other rows have another loss."""
        if self.kept_step is None or loss < self.loss:
            # What is no number is kept where there is nothing else, and every number is better.
            self.kept_step, self.loss, self.without_gain = step, loss if loss == loss else math.inf, 0
            self.weights = {name: weight.detach().to("cpu", copy=True) for name, weight in trained(model)}
        else:
            self.without_gain += 1

    def conclude(self, model, metrics: Metrics, step: int, steps: int) -> dict:
        """Gives the model the weights that are kept, after `step` of `steps`. Returns the result event's fields."""
        import torch

        with torch.no_grad():
            for name, weight in trained(model):
                weight.copy_(self.weights[name])
        early = step < steps
        said = f"{f'stopped early at step {step} of {steps}' if early else f'took all {steps} steps'}; the weights of step {self.kept_step} are kept"
        log(said)
        if early:
            emit("progress", message="stopped early", step=step, steps=steps, note=said)
        before = metrics.steps_before
        metrics.add(step=step, kept_step=before + self.kept_step, **({"stopped_early_at": before + step} if early else {}))
        return {"kept_step": self.kept_step, **({"stopped_early_at": step} if early else {})}

    def save(self, folder: Path) -> None:
        import torch

        torch.save({"kept_step": self.kept_step, "loss": self.loss, "without_gain": self.without_gain, "weights": self.weights}, folder / FILE)

    def restore(self, folder: Path) -> None:
        """From a checkpoint's folder, read within checkpoint.reading."""
        import torch

        state = torch.load(folder / FILE, map_location="cpu", weights_only=True)
        self.kept_step, self.loss, self.without_gain, self.weights = (state[key] for key in ("kept_step", "loss", "without_gain", "weights"))


def trained(model):
    """(name, weight) of what training moves: an adapter's alone, or all; tied ones once."""
    return [(name, weight) for name, weight in model.named_parameters() if weight.requires_grad]
