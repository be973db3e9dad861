"""What the training loops of models from scratch need to keep our promises: progress, checkpoints that are complete, SIGTERM."""

from __future__ import annotations

import time
from pathlib import Path

import checkpoint
import prune
from early_stopping import EarlyStopping
from metrics import Metrics
from protocol import Interrupted, Progress, log, saves_itself, stopping


class Loop:
    """Where a training of `steps` steps stands: brought back from its newest checkpoint, counted on step by step, saved when
    that is due. `message`: what it does, for people."""

    def __init__(self, spec, message: str, steps: int, fingerprint: str, metrics: Metrics, model, optimizers, early: EarlyStopping | None = None):
        import torch

        self.work, self.fingerprint, self.metrics = spec.work, fingerprint, metrics
        self.model, self.optimizers, self.early = model, optimizers, early
        self.steps, self.step, self.tokens, self.speed, self.seconds_before = steps, 0, 0, 0.0, 0.0
        found = checkpoint.newest(spec.work, fingerprint)
        if found:
            self.step, folder = found
            with checkpoint.reading(folder):
                state = torch.load(folder / "state.pt", map_location=model.device, weights_only=True)
                if early:
                    early.restore(folder)
            prune.fit(model, state["model"])
            model.load_state_dict(state["model"])
            for optimizer, saved in zip(optimizers, state["optimizers"]):
                optimizer.load_state_dict(saved)
            self.tokens, self.seconds_before = state["tokens"], state["seconds"]
            torch.set_rng_state(state["rng"].cpu())
            log(f"resumed from step {self.step}")
        metrics.restore(found[1] / "metrics.jsonl" if found else spec.work / "none", self.step)
        self.progress = Progress(message, steps, self.step)
        self.start, self.timer = time.monotonic(), checkpoint.Timer(spec.checkpoint_seconds, spec.checkpoint_steps, self.step)
        self.tokens_before = self.tokens
        model.train()
        saves_itself.set()

    @property
    def last(self) -> bool:
        """Is the last step done, or the one that the training stops early at?"""
        return self.step >= self.steps or (self.early is not None and self.early.stopped)

    @property
    def seconds(self) -> float:
        """Of the training, what came before its newest checkpoint included."""
        return self.seconds_before + time.monotonic() - self.start

    def update(self) -> float:
        """Moves the weights by their gradients; returns the norm of these before it was cut to 1."""
        import torch

        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0).item()
        for optimizer in self.optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        return norm

    def count(self, tokens: int) -> None:
        """One more step, in which so many tokens were read."""
        self.step += 1
        self.tokens += tokens
        self.speed = (self.tokens - self.tokens_before) / (time.monotonic() - self.start)

    def tell_and_save(self, loss: float) -> None:
        """After each step. @raises Interrupted after SIGTERM, with a checkpoint written"""
        self.progress(self.step, loss=round(loss, 4), tokens_per_second=round(self.speed, 1))
        if stopping.is_set() or (not self.last and self.timer.due(self.step)):
            self._save()
            if stopping.is_set() and not self.last:
                raise Interrupted()

    def figures(self) -> dict:
        """What every training from scratch says of itself in its result."""
        seconds = self.seconds
        return {
            "steps": self.step,
            "tokens": self.tokens,
            "seconds": round(seconds, 1),
            "tokens_per_second": round(self.tokens / seconds, 1) if seconds else None,
            "parameters": sum(p.numel() for p in self.model.parameters()),
            "trainable_parameters": sum(p.numel() for p in self.model.parameters()),
        }

    def _save(self) -> None:
        import torch

        def write(folder: Path) -> None:
            torch.save(
                {"model": self.model.state_dict(), "optimizers": [o.state_dict() for o in self.optimizers], "tokens": self.tokens, "seconds": self.seconds, "rng": torch.get_rng_state()},
                folder / "state.pt",
            )
            self.metrics.write(folder / "metrics.jsonl")
            if self.early:
                self.early.save(folder)

        with self.timer.saving(self.step):
            checkpoint.save(self.work, self.step, self.fingerprint, write)
