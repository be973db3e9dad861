"""A schedule of rates and batches that runs across the phases of a training."""

from __future__ import annotations

import itertools
import math
import random
from dataclasses import dataclass
from typing import Literal

# What "small" is, as a share of the whole: the rate that the cosine ends at and the constant one stays at, and the first batches.
SMALL_RATE = 0.1
SMALL_BATCH = 0.25


@dataclass
class Part:
    # Of all steps of the schedule; the shares of its parts add up to 1.
    share: float
    learning_rate: Literal["linear_warmup", "cosine_decay", "small_constant"]
    batch_size: Literal["start_small", "gradual_increase", "full_size"]


@dataclass
class Schedule:
    """The `schedule` section of a configuration, where it has one."""

    parts: list[Part]
    # What of it this training is, 0 to 1: one phase of several has its piece.
    begin: float = 0.0
    end: float = 1.0

    def rate(self, step: int, steps: int) -> float:
        """The learning rate of step `step` (0-based) of `steps`, as a share of the configured one."""
        part, progress = self._at(step, steps)
        if part.learning_rate == "linear_warmup":
            return progress
        if part.learning_rate == "cosine_decay":
            return SMALL_RATE + (1 - SMALL_RATE) * (1 + math.cos(math.pi * progress)) / 2
        return SMALL_RATE

    def rows(self, step: int, steps: int, full: int) -> int:
        """Rows in the batch of that step, 1 to `full`."""
        part, progress = self._at(step, steps)
        share = {"start_small": SMALL_BATCH, "gradual_increase": SMALL_BATCH + (1 - SMALL_BATCH) * progress, "full_size": 1.0}[part.batch_size]
        return max(1, round(full * share))

    def steps_for(self, rows: float, full: int) -> int:
        """How many steps read so many rows, about."""
        samples = 1_000
        mean = sum(self.rows(step, samples, 1_000) for step in range(samples)) / samples / 1_000
        return max(1, math.ceil(rows / (full * mean)))

    def _at(self, step: int, steps: int) -> tuple[Part, float]:
        """The part at the middle of a step, and how far in it that is."""
        place = self.begin + (self.end - self.begin) * (step + 0.5) / steps
        begin = 0.0
        for part in self.parts:
            if place < begin + part.share or part is self.parts[-1]:
                return part, min(1.0, (place - begin) / part.share)
            begin += part.share
        raise ValueError("a schedule without parts")


def warmed_up(step: int, steps: float) -> float:
    """Linear warm-up over the first `steps`."""
    return min(1.0, (step + 1) / steps) if steps > 0 else 1.0


def positions(sizes: list[int]) -> list[int]:
    """Where each batch begins in the stream of rows, and at last where it ends."""
    return list(itertools.accumulate(sizes, initial=0))


def batches(rows: int, sizes: list[int], seed: int) -> list[list[int]]:
    """Batches of those sizes out of so many rows, all of which are read, in a new order, before one is read again."""
    begins = positions(sizes)
    order: list[int] = []
    shuffled = random.Random(seed)
    while len(order) < begins[-1]:
        order += shuffled.sample(range(rows), rows)
    return [order[begin:end] for begin, end in zip(begins, begins[1:])]
