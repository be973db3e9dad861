import re
import subprocess
import sys
import time

import pytest
from protocol import SpecError, typed

STAGE = '''
import time
from dataclasses import dataclass
from pathlib import Path
from protocol import DataError, Interrupted, emit, saves_itself, serve, stopping
@dataclass
class Spec:
    stage: str
    do: str = "end"
    rate: float = 1.0
    to: Path | None = None
def main(spec):
    print("a library prints this")
    if spec.do == "data": raise DataError("rows.jsonl:3: not JSON.")
    if spec.do == "fail": raise ValueError("boom")
    if spec.do == "full": raise OSError(28, "No space left on device", "model.bin")
    if spec.do == "torch":
        import torch
        torch.save(torch.zeros(200_000), spec.to / "state.pt")
    if spec.do == "safetensors":
        import torch
        from safetensors.torch import save_file
        save_file({"a": torch.zeros(200_000)}, spec.to / "model.safetensors")
    if spec.do == "numpy":
        import numpy
        numpy.zeros(200_000).tofile(spec.to / "model.gguf")
    if spec.do == "cuda":
        from torch.cuda import OutOfMemoryError
        raise OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 14.58 GiB.")
    if spec.do == "mps": raise RuntimeError("MPS backend out of memory (MPS allocated: 9.05 GB, other allocations: 1.2 GB, max allowed: 9.07 GB).")
    if spec.do == "save":
        saves_itself.set()
        emit("progress", step=1, steps=2)
        stopping.wait(20)
        raise Interrupted()
    if spec.do == "hang":
        emit("progress", step=1, steps=2)
        time.sleep(20)
    return {"rate": spec.rate, "nan": float("nan")}
serve(main, Spec, "A stage.")
'''


@pytest.fixture
def stage(tmp_path, start):
    def begin(spec):
        script = tmp_path / "stage.py"
        script.write_text(STAGE)
        return start(script, spec)

    return begin


def test_only_events_reach_stdout_and_nan_becomes_null(stage):
    child = stage({"stage": "x", "rate": "2e-5"})
    assert child.finish() == 0
    assert child.events == [{"event": "result", "rate": 2e-5, "nan": None}]
    assert "a library prints this" in child.tail()


@pytest.mark.parametrize(
    "spec, code, type_, says",
    [
        ({"stage": "x", "raet": 1}, 64, "BadInput", "did you mean 'rate'?"),
        ({}, 64, "BadInput", "the key 'stage' is missing"),
        ({"stage": "x", "rate": "much"}, 64, "BadInput", 'rate: expected float, found "much"'),
        ({"stage": "x", "do": "data"}, 65, "BadInput", "rows.jsonl:3: not JSON."),
        ({"stage": "x", "do": "fail"}, 1, "TrainerError", "ValueError: boom"),
        ({"stage": "x", "do": "full"}, 1, "Unavailable", "The disk is full: "),
        ({"stage": "x", "do": "cuda"}, 64, "BadInput", "per_device_train_batch_size in training/configs/sft_config.yaml"),
        ({"stage": "x", "do": "mps"}, 64, "BadInput", "choose a smaller base"),
    ],
)
def test_each_failure_has_its_exit_code_and_says_what_to_do(stage, spec, code, type_, says):
    child = stage(spec)
    assert child.finish() == code
    assert child.events[-1]["event"] == "error" and child.events[-1]["type"] == type_ and says in child.events[-1]["message"]


@pytest.mark.parametrize("library", ["torch", "safetensors", "numpy"])
def test_a_full_disk_is_told_as_one_whatever_library_met_it(stage, tmp_path, library):
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", disk], capture_output=True).returncode:
        pytest.skip("only root can mount a small disk here")
    try:
        child = stage({"stage": "x", "do": library, "to": str(disk)})
        assert child.finish() == 1
    finally:
        subprocess.run(["umount", "-l", disk])
    assert child.events[-1]["type"] == "Unavailable"
    assert re.search(r"The disk is full: /\S+ has \d+ bytes free \(.*\)\. Free some space", child.events[-1]["message"])


def test_a_trainer_exits_when_its_parent_is_gone(stage):
    child = stage({"stage": "x", "do": "hang"})
    child.wait_for("progress")
    child.process.stdin.close()
    assert child.process.wait(5) == 75


@pytest.mark.parametrize("do", ["save", "hang"])
def test_sigterm_ends_with_interrupted_whether_the_stage_saves_itself_or_not(stage, do):
    child = stage({"stage": "x", "do": do})
    child.wait_for("progress")
    child.stop()
    assert child.finish(5) == 75
    assert child.events[-1]["type"] == "Interrupted"


@pytest.mark.parametrize("script", ["sft", "dpo", "merge", "quantize", "preflight"])
def test_help_is_instant(script):
    from conftest import TRAINERS

    start = time.monotonic()
    result = subprocess.run([sys.executable, str(TRAINERS / f"{script}.py"), "--help"], capture_output=True, text=True, timeout=20)
    assert result.returncode == 0 and "spec.json" in result.stdout
    assert time.monotonic() - start < 2


def test_booleans_are_not_numbers():
    from dataclasses import dataclass

    @dataclass
    class Spec:
        steps: int

    with pytest.raises(SpecError, match="steps: expected int, found true"):
        typed({"steps": True}, Spec, "spec")
