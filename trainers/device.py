"""Where and in which precision to train: CUDA, else MPS, else CPU; the faster precision is measured."""

from __future__ import annotations

import ctypes
import os
import sys
import time
from collections.abc import Callable

from protocol import NeedsPersonError, log


def cores() -> int:
    """What this process may use of the machine's cores."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def keep_freed_memory() -> None:
    """Lets glibc keep what a step frees for the next one, instead of giving it back to the system and faulting each page in again:
    a small model's step on a CPU is a twentieth shorter. Elsewhere nothing happens."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt:
        # <malloc.h>: M_MMAP_MAX and M_TRIM_THRESHOLD.
        mallopt(-4, 0)
        mallopt(-1, 2**31 - 1)


def choose_device(wanted: str) -> str:
    """@raises NeedsPersonError when the device asked for is not there: a run goes on with what it began on."""
    import torch

    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    # The specification's sample says device_map="auto"; that is for inference (it may split a model over devices and
    # offload weights, which breaks training). Its intent, "MPS is detected by itself", is this line.
    if wanted == "auto":
        return next(name for name, available in there.items() if available)
    if not there.get(wanted, False):
        raise NeedsPersonError(
            f"The device {wanted!r}, on which this run began, is not available here (there is {', '.join(n for n, a in there.items() if a)}). Bring it back and resume, or cancel the run and start it again with what is there."
        )
    return wanted


def choose_precision(wanted: str, device: str, step: Callable[[str], None] | None = None) -> str:
    """"fp32", "bf16" or "fp16". `auto` times `step(precision)`, a step of this very training, for some 2 s.

    Two machines with the same instruction sets listed differed four-fold in what bf16 gains, so it is measured. Where
    there is no step to time, a CPU is told by matrix products, and a GPU takes what it has in hardware.
    """
    import torch

    if wanted != "auto":
        return wanted
    bf16 = _has_bf16(device)
    if step is None and device != "cpu":
        # Not by speed: 16 bit halves the frozen weights of a downloaded base, too.
        return "fp32" if device == "mps" else "bf16" if bf16 else "fp16"
    # fp16 is no candidate: the steps that can be timed know no loss scaling.
    if not bf16:
        return "fp32"
    step = step or _matmuls
    finish = {"cuda": torch.cuda.synchronize, "mps": torch.mps.synchronize}.get(device, lambda: None)
    seconds = {"fp32": float("inf"), "bf16": float("inf")}
    for precision in seconds:
        step(precision)  # the first call builds kernels
    finish()
    # In turns, and the best time of each, so that another process's burst does not decide.
    begin, rounds = time.perf_counter(), 0
    while rounds < 3 or time.perf_counter() - begin < 2:
        for precision in seconds:
            start = time.perf_counter()
            step(precision)
            finish()  # a GPU only takes the work when it is called
            seconds[precision] = min(seconds[precision], time.perf_counter() - start)
        rounds += 1
    best = min(seconds, key=seconds.get)
    log(f"precision: {best} (fp32 {seconds['fp32'] * 1e3:.1f} ms a step, bf16 {seconds['bf16'] * 1e3:.1f} ms)")
    return best


def _has_bf16(device: str) -> bool:
    """Whether bf16 may be worth a trial. CUDA before Ampere (T4, V100) only emulates it, macOS before 14 has no such tensors."""
    import torch

    if device == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return device == "cpu" or torch.backends.mps.is_macos_or_newer(14, 0)


def autocast(device: str, precision: str):
    import contextlib

    import torch

    if precision == "fp32":
        return contextlib.nullcontext()
    return torch.autocast(device, dtype=dtype_of(precision))


def dtype_of(precision: str):
    import torch

    return {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[precision]


def _matmuls(precision: str) -> None:
    """Forward and backward of one MLP block of a 1 B model's width."""
    import torch

    x = torch.randn(256, 1024)
    w1, w2 = torch.randn(1024, 2048, requires_grad=True), torch.randn(2048, 1024, requires_grad=True)
    with autocast("cpu", precision):
        (x @ w1 @ w2).sum().backward()
