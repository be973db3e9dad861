"""Muon with matrices of one shape orthogonalised together: `torch.optim.Muon` takes them one by one, and at a small
model's widths the hand-overs between its 300 products cost more than the products."""

from __future__ import annotations

import math

import torch


class BatchedMuon(torch.optim.Optimizer):
    """The update of `torch.optim.Muon` (momentum 0.95, Nesterov, five Newton-Schulz steps, no weight decay), in float32.

    `run_all` maps a function over the shapes, perhaps in threads. Source of the constants: https://kellerjordan.github.io/posts/muon/
    """

    def __init__(self, parameters, lr: float, momentum: float = 0.95, run_all=map):
        super().__init__(parameters, {"lr": lr, "momentum": momentum})
        self.run_all = run_all

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            list(self.run_all(lambda parameters: self._step(group, parameters), by_shape(p for p in group["params"] if p.grad is not None)))

    @torch.no_grad()
    def _step(self, group, parameters) -> None:
        gradient = torch.stack([p.grad for p in parameters])
        # One buffer for all matrices of a shape, kept with the first of them.
        state = self.state[parameters[0]]
        momentum = state.setdefault("momentum", torch.zeros_like(gradient))
        momentum.lerp_(gradient, 1 - group["momentum"])
        update = orthogonal(gradient.lerp_(momentum, group["momentum"]))
        rows, columns = parameters[0].shape
        rate = group["lr"] * math.sqrt(max(1, rows / columns))
        for parameter, change in zip(parameters, update):
            parameter.add_(change, alpha=-rate)


def by_shape(parameters):
    groups: dict[torch.Size, list] = {}
    for parameter in parameters:
        groups.setdefault(parameter.shape, []).append(parameter)
    return groups.values()


def orthogonal(matrices, steps: int = 5):
    """Each of the (n, rows, columns) float32 matrices with its singular values pushed to about one.

    A step multiplies x by a polynomial of x xᵀ. The products of the polynomials are gathered first, for they need x xᵀ
    alone, which is the smaller square: a third less work where one side is three times the other.
    """
    a, b, c = 3.4445, -4.7750, 2.0315
    tall = matrices.shape[1] > matrices.shape[2]
    x = matrices.mT if tall else matrices
    x = x / x.norm(dim=(1, 2), keepdim=True).clamp(min=1e-7)
    gram = x @ x.mT
    whole = None
    for step in range(steps):
        factor = torch.baddbmm(gram, gram, gram, beta=b, alpha=c)
        factor.diagonal(dim1=1, dim2=2).add_(a)
        whole = factor if whole is None else factor @ whole
        if step < steps - 1:
            gram = factor @ gram @ factor
    x = whole @ x
    return x.mT if tall else x
