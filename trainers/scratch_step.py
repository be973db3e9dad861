"""One step of training from scratch: the gradients of a batch, the optimizers and their rates."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from schedule import Schedule, warmed_up
from scratch_model import completion_loss, weights


@dataclass
class Training:
    """The `training` section of scratch_config.yaml."""

    steps: int = 2600
    batch_size: int = 48
    muon_learning_rate: float = 0.01
    adamw_learning_rate: float = 8e-3
    warmup_steps: int = 40
    # The last part of the steps, over which the learning rate falls linearly to 1%: the gain comes there.
    decay: float = 0.5
    # Share of the examples that get fresh values each time they are seen.
    relexicalise: float = 0.5
    # Share of a piece's probability that is left to all pieces alike: of answers that are one of some labels.
    label_smoothing: float = 0.0
    # Share of `intermediate_size` that is pruned away after the share `prune_at` of the steps; the others heal it.
    prune: float = 0.0
    prune_at: float = 0.5
    # So many evaluations without a lower validation loss end the training, and the weights of the lowest are kept; 0: never.
    early_stopping: int = 0


def parts(batch, count: int):
    """The batch in `count` parts of about as many tokens, for rows that stand one after the other."""
    ordered = longest_first(batch)
    return [part for part in (ordered[at::count] for at in range(count)) if part]


def parts_by_length(batch, count: int = 4):
    """The batch cut by length, for rows that are padded to one width; the longest first: the last to be taken up are the quickest."""
    ordered = longest_first(batch)
    size = -(-len(ordered) // count)
    return [ordered[at : at + size] for at in range(0, len(ordered), size)]


def longest_first(batch):
    return sorted(batch, key=lambda example: -len(example[0]) - len(example[1]))


class Gradients:
    """Forward and backward pass of a batch.

    On a CPU two parts run side by side, each in a thread with half of the cores: a small model's operations are too short
    to be shared by cores. The parts' gradients are added in one order, so that a resumed run repeats an undisturbed one
    to the bit.
    """

    def __init__(self, model, threads: int, loss=completion_loss, count=lambda batch: sum(len(completion) for _, completion in batch)):
        """`loss(model, part, precision, made)` gives a part's summed loss first; `count` says what of a batch it is the mean over."""
        import torch

        self.model, self.loss, self.count = model, loss, count
        self.parameters = list(model.parameters())
        self.at_once = 2 if model.device.type == "cpu" and threads > 1 else 1
        each = max(1, threads // self.at_once)
        self.pool = ThreadPoolExecutor(self.at_once, initializer=torch.set_num_threads, initargs=(each,))
        # The optimizer's too: two threads that wait for each other spin, and beside any other program on two cores that
        # made its step seventy times slower.
        torch.set_num_threads(each)

    def __call__(self, batch, precision: str) -> float:
        """Sets the parameters' gradients; returns the mean loss: in nats per labelled token, unless another one was given."""
        import torch

        count = self.count(batch)
        made = weights(self.model, precision)
        # The parts share what is made of the parameters; their gradients go back through the making once, together.
        leaves = {name: weight.detach().requires_grad_() for name, weight in made.items()} if made else None
        inputs = list(leaves.values()) if leaves else self.parameters
        cut = parts(batch, self.at_once) if made else parts_by_length(batch)
        results = list(self.pool.map(lambda part: self._part(part, precision, count, leaves, inputs), cut))
        totals = [sum((each.float() for each in found[1:]), start=found[0].float()) for found in zip(*(gradients for _, gradients in results))]
        if made:
            totals = torch.autograd.grad(list(made.values()), self.parameters, [total.to(weight.dtype) for total, weight in zip(totals, made.values())])
        for parameter, total in zip(self.parameters, totals):
            parameter.grad = total
        return sum(loss for loss, _ in results)

    def _part(self, part, precision: str, count: int, leaves, inputs):
        import torch

        loss, _ = self.loss(self.model, part, precision, leaves)
        return loss.item() / count, torch.autograd.grad(loss / count, inputs)


def optimizer_for(model, training: Training, run_all=map, schedule: Schedule | None = None):
    """Muon for the matrices between layers, AdamW for embeddings, norms and convolutions. Returns (optimizers, set_rate(step))."""
    import torch

    from muon import BatchedMuon

    matrices = [p for n, p in model.named_parameters() if p.ndim == 2 and "embed" not in n and "lm_head" not in n]
    chosen = {id(p) for p in matrices}
    others = [p for p in model.parameters() if id(p) not in chosen]
    optimizers = [
        BatchedMuon(matrices, lr=training.muon_learning_rate, run_all=run_all),
        torch.optim.AdamW(others, lr=training.adamw_learning_rate, weight_decay=0.0, betas=(0.9, 0.95), fused=True),
    ]
    peaks = [training.muon_learning_rate, training.adamw_learning_rate]

    def set_rate(step: int) -> float:
        factor = rate_at(step, training, schedule)
        for optimizer, peak in zip(optimizers, peaks):
            optimizer.param_groups[0]["lr"] = peak * factor
        return peaks[0] * factor

    return optimizers, set_rate


def rate_at(step: int, training: Training, schedule: Schedule | None = None) -> float:
    """As a share of the peak: linear warm-up, constant, linear decay to 1% over the last part; or by the schedule that runs
    across the phases, each of which warms up for itself: its optimizers begin anew."""
    if schedule:
        return warmed_up(step, training.warmup_steps) * schedule.rate(step, training.steps)
    if step < training.warmup_steps:
        return warmed_up(step, training.warmup_steps)
    begin = training.steps * (1 - training.decay)
    if step < begin:
        return 1.0
    return 1.0 - 0.99 * (step - begin) / max(1.0, training.steps - begin)
