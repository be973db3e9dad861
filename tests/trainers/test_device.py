from types import SimpleNamespace

import pytest
import torch
from device import choose_precision


@pytest.fixture
def gpu(monkeypatch):
    """A GPU that works after it was called, for so many seconds a step; only who waits for it sees them pass."""
    now, queued = 0.0, 0.0

    def clock():
        nonlocal now
        now += 1e-4
        return now

    def synchronize():
        nonlocal now, queued
        now, queued = now + queued, 0.0

    def of(kind: str, bf16_in_hardware: bool, **seconds: float):
        asked = []

        def step(precision):
            nonlocal queued
            asked.append(precision)
            queued += seconds[precision]

        monkeypatch.setattr("device.time", SimpleNamespace(perf_counter=clock))
        monkeypatch.setattr(getattr(torch, kind), "synchronize", synchronize)
        # As in torch: emulated on every CUDA device that has it not in hardware.
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation=True: bf16_in_hardware or including_emulation)
        monkeypatch.setattr(torch.backends.mps, "is_macos_or_newer", lambda major, minor: bf16_in_hardware)
        return step, asked

    return of


@pytest.mark.parametrize("device", ["cuda", "mps"])
@pytest.mark.parametrize("faster, slower", [("fp32", "bf16"), ("bf16", "fp32")])
def test_the_faster_precision_of_a_gpu_is_found_by_waiting_for_it(gpu, device, faster, slower):
    step, _ = gpu(device, True, **{faster: 0.1, slower: 0.2})
    assert choose_precision("auto", device, step) == faster


@pytest.mark.parametrize("device", ["cuda", "mps"])
def test_bf16_that_is_only_emulated_is_not_tried_and_fp16_never_offered_to_a_training_from_scratch(gpu, device):
    step, asked = gpu(device, False, fp32=0.2, bf16=0.1, fp16=0.1)
    assert choose_precision("auto", device, step) == "fp32"
    assert not {"bf16", "fp16"} & set(asked)


@pytest.mark.parametrize("device, bf16_in_hardware, expected", [("cuda", True, "bf16"), ("cuda", False, "fp16"), ("mps", True, "fp32")])
def test_without_a_step_a_gpu_takes_what_it_has_in_hardware(gpu, device, bf16_in_hardware, expected):
    gpu(device, bf16_in_hardware)
    assert choose_precision("auto", device) == expected
