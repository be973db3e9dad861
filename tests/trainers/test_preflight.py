from types import SimpleNamespace

import preflight
import psutil
import pytest
import torch
from protocol import NeedsPersonError

GIGABYTE = 10**9


@pytest.fixture
def check(monkeypatch, tmp_path):
    """Checks a host with so many free gigabytes for a base of so many weights, of which nothing but its size is made up."""

    def of(device: str, memory: float, gpu: float = 0.0, parameters: float = 1.236e9):
        monkeypatch.setattr("device.choose_device", lambda wanted: device)
        monkeypatch.setattr(preflight, "_downloaded", lambda *_: ("llama", int(parameters), "bf16", 0))
        monkeypatch.setattr(preflight, "emit", lambda *_, **__: None)
        monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=memory * GIGABYTE))
        monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (int(gpu * GIGABYTE), 24 * GIGABYTE))
        spec = preflight.Spec("preflight", "demo", "/a/base", tmp_path / "out", preflight.LlamaCpp(convert=tmp_path, library=tmp_path), device=device)
        monkeypatch.setattr("llama_cpp.convert", lambda *_: None)
        monkeypatch.setattr("llama_cpp.quantize", lambda *_: None)
        return preflight.main(spec)

    return of


def test_a_base_that_needs_more_than_the_gpu_has_free_waits_for_a_person(check):
    with pytest.raises(NeedsPersonError, match=r"needs about 5\.2 GB of the GPU's memory; 5\.0 GB of its 24\.0 GB are free.*clitron bases.*another host"):
        check("cuda", memory=100, gpu=5)
    assert check("cuda", memory=6, gpu=5.3)["memory_needed"] == pytest.approx(5.9e9, rel=0.01)


def test_what_this_process_holds_of_the_gpu_counts_as_free(check, monkeypatch):
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda: GIGABYTE)
    check("cuda", memory=100, gpu=5)


@pytest.mark.parametrize("device", ["cpu", "mps"])
def test_without_a_gpu_of_its_own_memory_the_main_memory_must_bear_the_training(check, device):
    with pytest.raises(NeedsPersonError, match=r"needs about 8\.2 GB of memory; 8\.0 GB are available"):
        check(device, memory=8)
    assert check(device, memory=8.3)["memory_needed"] == pytest.approx(8.2e9, rel=0.01)
