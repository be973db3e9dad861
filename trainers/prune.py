"""Structured pruning: of each layer's feed-forward part the least important units go, whole, so that what is left is an
ordinary, narrower model for every program that reads it.

A unit is one row of gate and of up and one column of down, and adds down · act(gate·x) · (up·x). As |silu(z)| ≤ |z|, that
is at most ‖gate‖ ‖up‖ ‖down‖ ‖x‖², and this product is its importance: the magnitude of a group of weights, aggregated by
production, as in LLM-Pruner (Ma et al. 2023, https://arxiv.org/abs/2305.11627). It needs no data, and stays the same
where one of the three is scaled up and another down by as much.
"""

from __future__ import annotations

import json
from pathlib import Path

from protocol import SpecError

# Beside an adapter: the units of its base that it was trained with.
FILE = "pruning.json"
# The names of gate, up and down, in Llama's and its relatives' modules and in LFM2's.
LAYOUTS = [("gate_proj", "up_proj", "down_proj"), ("w1", "w3", "w2")]


def blocks(model) -> list[tuple]:
    """(gate, up, down) of each layer. @raises SpecError for an architecture whose feed-forward part is made otherwise."""
    found = []
    for module in model.modules():
        children = dict(module.named_children())
        found += [tuple(children[name] for name in names) for names in LAYOUTS if children.keys() >= set(names)]
    widths = {gate.weight.shape[0] for gate, _, _ in found}
    # With experts there are more of them than layers, and fused ones are not found.
    if len(found) != model.config.num_hidden_layers or len(widths) != 1 or not hasattr(model.config, "intermediate_size"):
        raise SpecError(f"training.prune: a {model.config.model_type} model cannot be pruned. It takes one feed-forward part in each layer, all of one width, with gate_proj, up_proj and down_proj (Llama, Qwen, SmolLM) or w1, w3 and w2 (LFM2); set prune to 0.")
    return found


def width_of(model) -> int:
    """Units in each layer's feed-forward part."""
    return blocks(model)[0][0].weight.shape[0]


def width_after(width: int, share: float) -> int:
    """Of `width` units those that are left when this share, 0 to below 1, is gone; a multiple of what llama.cpp takes weights by."""
    if not 0 <= share < 1:
        raise SpecError(f"config.training.prune: expected a share from 0 to below 1, found {share}.")
    # K-quants take rows by 256 weights, the other types by 32; of a small width 256 would be too large a step.
    block = 256 if width >= 2048 else 32
    return min(width, max(block, block * round(width * (1 - share) / block))) if share else width


def important(model, width: int) -> list[list[int]]:
    """The `width` most important units of each layer, ascending."""
    return [importance(*block).topk(width).indices.sort().values.tolist() for block in blocks(model)]


def importance(gate, up, down):
    """Of each unit, shape (width). In 64 bit and on the CPU: a resumed run, perhaps on another machine, must keep the same units."""
    exact = lambda linear: linear.weight.detach().cpu().double()
    return exact(gate).norm(dim=1) * exact(up).norm(dim=1) * exact(down).norm(dim=0)


def narrow(model, kept: list[list[int]]) -> None:
    """Leaves each layer these units, in this order. The parameters stay the same objects, so optimizers go on with them."""
    import torch

    for (gate, up, down), units in zip(blocks(model), kept, strict=True):
        index = torch.tensor(units, device=gate.weight.device)
        for linear in (gate, up):
            linear.weight.data = linear.weight.data[index]
            if linear.bias is not None:
                linear.bias.data = linear.bias.data[index]
            linear.out_features = len(units)
        down.weight.data = down.weight.data[:, index].contiguous()
        down.in_features = len(units)
    model.config.intermediate_size = len(kept[0])
    if hasattr(model.config, "block_auto_adjust_ff_dim"):  # LFM2 counts its width out of intermediate_size otherwise
        model.config.block_auto_adjust_ff_dim = False


def fit(model, weights: dict) -> None:
    """Makes the model as narrow as weights of it that are loaded next."""
    width = next(weight.shape[0] for name, weight in weights.items() if name.endswith((".gate_proj.weight", ".w1.weight")))
    if width < width_of(model):
        narrow(model, [list(range(width))] * len(blocks(model)))


def record(kept: list[list[int]], folder: Path) -> None:
    (folder / FILE).write_text(json.dumps({"kept": kept}))


def recorded(folder: Path) -> list[list[int]] | None:
    """Of the base that the adapter in this folder was trained with; None where it was whole."""
    file = folder / FILE
    return json.loads(file.read_text())["kept"] if file.is_file() else None
