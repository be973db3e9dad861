"""Preference tuning of all weights of a model from scratch, by its own forward pass (read dpo.py first).

The same loss, optimizer and rates as TRL's, of which tests compare a step; the library's import alone takes longer than
such a training, and its modules three times as long a step.
"""

from __future__ import annotations

import math
import random

from base import load_model
from device import choose_device, keep_freed_memory
from metrics import Metrics
from protocol import SpecError
from scratch_loop import Loop
from scratch_model import completion_log_probabilities
from scratch_step import Gradients

# What pairs differ in is small, and 16 bits would round much of it away.
PRECISION = "fp32"
# Token ids of prompt, chosen answer and rejected answer, and the reference's log-probability of either answer in nats.
Pair = tuple[list[int], list[int], list[int], float, float]


def run(spec, training, pairs: list[dict], held_out: list[dict], fingerprint: str):
    """(the tuned model, its metrics, the result event's fields). @raises SpecError, Interrupted"""
    import torch
    from transformers import get_scheduler

    device = choose_device(spec.device)
    torch.set_num_threads(spec.threads)
    keep_freed_memory()
    torch.manual_seed(spec.seed)
    model = load_model(spec.model, dtype=torch.float32).to(device)
    # Of the SFT model, on a resumed run too: the checkpoint's weights come after it.
    train, validation = (with_reference(model, each) for each in (pairs, held_out))

    size = min(len(train), training.per_device_train_batch_size * training.gradient_accumulation_steps)
    an_epoch = math.ceil(len(train) / size)
    steps = training.max_steps if training.max_steps > 0 else math.ceil(training.num_train_epochs * an_epoch)
    if steps < 1:
        raise SpecError(f"config.training.num_train_epochs: expected at least one step, found {training.num_train_epochs} epochs.")
    optimizer = torch.optim.AdamW(model.parameters(), lr=training.learning_rate, weight_decay=0.0, fused=True)
    schedule = get_scheduler(training.lr_scheduler_type, optimizer, math.ceil(training.warmup_ratio * steps), steps)
    if not hasattr(schedule, "lr_lambdas"):
        raise SpecError(f"config.training.lr_scheduler_type: expected one that hangs on the step alone, such as linear or cosine, found {training.lr_scheduler_type!r}.")
    gradients = Gradients(model, spec.threads, loss=lambda *given: preference_loss(training.beta, *given), count=len)

    metrics = Metrics(spec.work / "metrics.jsonl")
    loop = Loop(spec, "preference tuning", steps, f"{fingerprint} {PRECISION} scratch", metrics, model, [optimizer])
    while not loop.last:
        batch = batch_of(train, size, loop.step, spec.seed)
        rate = optimizer.param_groups[0]["lr"] = training.learning_rate * schedule.lr_lambdas[0](loop.step)
        loss = gradients(batch, PRECISION)
        norm = loop.update()
        loop.count(sum(2 * len(prompt) + len(chosen) + len(rejected) for prompt, chosen, rejected, *_ in batch))
        if not math.isfinite(loss):
            raise RuntimeError(f"the loss became {loss} at step {loop.step}; lower the learning rate")
        metrics.add(step=loop.step, epoch=round(loop.step / an_epoch, 3), loss=loss, grad_norm=norm, learning_rate=rate, tokens_per_second=round(loop.speed, 1))
        if loop.last or loop.step % an_epoch == 0:
            metrics.add(step=loop.step, **{f"validation_{name}": value for name, value in evaluate(model, validation, training.beta).items()})
        loop.tell_and_save(loss)
    final = metrics.lines[-1]
    return model, metrics, {
        "train_loss": final["loss"],
        "validation_loss": final.get("validation_loss"),
        "rewards_accuracy": final.get("validation_rewards_accuracies"),
        "rewards_margin": final.get("validation_rewards_margins"),
        "rewards_chosen": final.get("validation_rewards_chosen"),
        "rewards_rejected": final.get("validation_rewards_rejected"),
        **loop.figures(),
        "device": device,
        "precision": PRECISION,
    }


def batch_of(pairs: list[Pair], size: int, step: int, seed: int) -> list[Pair]:
    """Batch number `step`, the same whenever it is asked for; the last one of an epoch has what is left."""
    epoch, at = divmod(step, math.ceil(len(pairs) / size))
    order = list(range(len(pairs)))
    random.Random(f"{seed} pairs {epoch}").shuffle(order)
    return [pairs[i] for i in order[at * size : (at + 1) * size]]


def with_reference(model, pairs: list[dict]) -> list[Pair]:
    """The pairs with how probable this model, the reference, finds their answers."""
    import torch

    found = []
    with torch.no_grad():
        for begin in range(0, len(pairs), 64):
            part = [(pair["prompt_ids"], pair["chosen_ids"], pair["rejected_ids"]) for pair in pairs[begin : begin + 64]]
            chosen, rejected = log_probabilities(model, part)
            found += zip(*zip(*part), chosen.tolist(), rejected.tolist())
    return found


def log_probabilities(model, pairs, made=None):
    """Of the chosen answers and of the rejected ones, in nats: two tensors of shape (pairs)."""
    answers = [(prompt, chosen) for prompt, chosen, *_ in pairs] + [(prompt, rejected) for prompt, _, rejected, *_ in pairs]
    return completion_log_probabilities(model, answers, PRECISION, made).chunk(2)


def rewards(model, pairs: list[Pair], beta: float, made=None):
    """Of the chosen answers and of the rejected ones, as DPO defines them: two tensors of shape (pairs)."""
    import torch

    reference = torch.tensor([pair[3:] for pair in pairs], device=model.device)
    chosen, rejected = log_probabilities(model, pairs, made)
    return beta * (chosen - reference[:, 0]), beta * (rejected - reference[:, 1])


def preference_loss(beta: float, model, pairs: list[Pair], precision: str, made=None):
    """(summed loss, number of pairs): a pair costs -log sigmoid of its margin."""
    import torch

    chosen, rejected = rewards(model, pairs, beta, made)
    return -torch.nn.functional.logsigmoid(chosen - rejected).sum(), len(pairs)


def evaluate(model, pairs: list[Pair], beta: float) -> dict[str, float]:
    """Means over held-out pairs, by the names that TRL gives them; empty where none is held out."""
    import torch

    if not pairs:
        return {}
    with torch.no_grad():
        parts = [rewards(model, pairs[begin : begin + 64], beta) for begin in range(0, len(pairs), 64)]
    chosen, rejected = (torch.cat(each) for each in zip(*parts))
    margins = chosen - rejected
    means = {"loss": -torch.nn.functional.logsigmoid(margins), "rewards_chosen": chosen, "rewards_rejected": rejected, "rewards_accuracies": (margins > 0).float(), "rewards_margins": margins}
    return {name: values.mean().item() for name, values in means.items()}
