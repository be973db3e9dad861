"""A stopped or killed and resumed training equals an undisturbed one: dropout, order of the rows and optimizer included."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import rebuild_tokenizer
import synthetic
from conftest import TRAINERS


def weights(file):
    from safetensors.numpy import load_file

    return load_file(file)


def equal(a, b):
    import numpy as np

    a, b = weights(a), weights(b)
    return a.keys() == b.keys() and max(np.abs(a[k].astype(np.float32) - b[k].astype(np.float32)).max() for k in a) <= 1e-6


@pytest.fixture(scope="module")
def base(llama_cpp_sources, tmp_path_factory):
    # GPT-2's tokenizer has the smallest vocabulary; what is tested here is the same for all.
    return rebuild_tokenizer.build(llama_cpp_sources, "gpt2", tmp_path_factory.mktemp("base") / "gpt2", hidden_size=64, embedding_scale=10)


@pytest.fixture
def disturbed(start, run, tmp_path):
    """Trains with a checkpoint after each step, is ended at one, and trained to the end."""

    def through(stage, spec, stop_at, killed):
        child = start(stage, {**spec, "checkpoint_seconds": 0.0})
        while child.wait_for("checkpoint")["step"] < stop_at:
            pass
        if killed:
            child.process.kill()
            assert child.finish() == -signal.SIGKILL
        else:
            child.stop()
            assert child.finish() == 75 and child.events[-1]["type"] == "Interrupted"
        result = run(stage, spec)
        assert int(re.search(r"resumed from step (\d+)", (tmp_path / f"{stage}.log").read_text())[1]) >= stop_at
        return result

    return through


def test_killed_and_resumed_preferences_of_a_model_from_scratch_equal_undisturbed_ones(scratch_spec, tmp_path):
    scratch_spec["config"]["training"]["steps"] = 2
    training = {"num_train_epochs": 1, "per_device_train_batch_size": 16, "gradient_accumulation_steps": 1, "learning_rate": 1e-3}
    dpo = {"stage": "dpo", "name": "demo", "model": tmp_path / "sft", "preferences": scratch_spec["train"].with_name("preferences.jsonl"), "config": {"training": training}, "device": "cpu", "threads": 1}
    specs = {"sft": scratch_spec, **{name: {**dpo, "work": tmp_path / f"{name}-work", "output": tmp_path / name} for name in ("whole", "resumed")}}
    specs["killed"] = {**specs["resumed"], "checkpoint_steps": 4}
    for name, spec in specs.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(spec, default=str))
    trainings = [("sft", "sft", False), ("dpo", "whole", False), ("dpo", "killed", True), ("dpo", "resumed", False)]
    script = Path(__file__).with_name("forked.py")
    arguments = json.dumps([(stage, str(tmp_path / f"{name}.json"), kill) for stage, name, kill in trainings])
    done = subprocess.run([sys.executable, script, arguments], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(TRAINERS)})
    sft, whole, killed, resumed = (json.loads(line) for line in done.stdout.splitlines())

    assert [sft["code"], whole["code"], killed["code"], resumed["code"]] == [0, 0, -signal.SIGKILL, 0], done.stderr
    assert "resumed from step 4\n" in done.stderr and whole["last"]["steps"] > 4
    assert resumed["last"]["rewards_margin"] == pytest.approx(whole["last"]["rewards_margin"], abs=1e-6)
    assert equal(tmp_path / "whole" / "model.safetensors", tmp_path / "resumed" / "model.safetensors")
    assert not equal(tmp_path / "whole" / "model.safetensors", tmp_path / "sft" / "model.safetensors")


@pytest.mark.slow
@pytest.mark.parametrize("killed", [False, True], ids=["stopped", "killed"])
def test_stopped_or_killed_and_resumed_adapters_and_preferences_equal_undisturbed_ones(killed, base, disturbed, run, tmp_path, llama_cpp_sources, library):
    # 22 rows in batches of 4, two of them a step: the last step of an epoch is an incomplete one.
    files = synthetic.write(tmp_path / "data", 22, 4)
    common = {"name": "demo", "device": "cpu", "precision": "fp32", "threads": 1}
    training = {"num_train_epochs": 2, "per_device_train_batch_size": 4, "gradient_accumulation_steps": 2, "learning_rate": 1e-2}
    sft = {"stage": "sft", "base": base, "train": files["train"], "validation": files["validation"], "config": {"training": training, "logging": {"logging_steps": 1}}, **common}

    whole = run("sft", {**sft, "work": tmp_path / "work", "output": tmp_path / "sft"})
    resumed = disturbed("sft", {**sft, "work": tmp_path / "work2", "output": tmp_path / "sft2"}, 2, killed)
    assert whole["steps"] == resumed["steps"] == 6
    assert resumed["validation_loss"] == pytest.approx(whole["validation_loss"], abs=1e-6)
    assert equal(tmp_path / "sft" / "adapter_model.safetensors", tmp_path / "sft2" / "adapter_model.safetensors")

    # A further phase trains the same adapter on.
    further = run("sft", {**sft, "start": tmp_path / "sft", "work": tmp_path / "work3", "output": tmp_path / "sft3"})
    assert further["validation_loss"] < whole["validation_loss"] and further["trainable_parameters"] == whole["trainable_parameters"]
    assert [json.loads(line)["step"] for line in (tmp_path / "sft3" / "metrics.jsonl").read_text().splitlines()] == list(range(1, 13))

    run("merge", {"stage": "merge", "model": tmp_path / "sft", "base": base, "output": tmp_path / "merged", "precision": "32"})
    # Against any other reference than the merged SFT model the resumed steps would differ.
    dpo = {"stage": "dpo", "model": tmp_path / "merged", "preferences": files["preferences"], "config": {"training": {**training, "num_train_epochs": 1, "gradient_accumulation_steps": 1, "beta": 0.1}}, **common}
    whole = run("dpo", {**dpo, "work": tmp_path / "dpo-work", "output": tmp_path / "dpo"})
    resumed = disturbed("dpo", {**dpo, "work": tmp_path / "dpo-work2", "output": tmp_path / "dpo2"}, 2, killed)
    assert resumed["rewards_margin"] == pytest.approx(whole["rewards_margin"], abs=1e-5)
    assert equal(tmp_path / "dpo" / "model.safetensors", tmp_path / "dpo2" / "model.safetensors")
    assert not equal(tmp_path / "dpo" / "model.safetensors", tmp_path / "merged" / "model.safetensors")

    # An adapter that is quantized directly is merged first.
    tools = {"convert": llama_cpp_sources / "convert_hf_to_gguf.py", "library": library}
    result = run("quantize", {"stage": "quantize", "name": "demo", "model": tmp_path / "sft", "base": base, "quant": "Q8_0", "output": tmp_path / "gguf", "llama_cpp": tools})
    assert result["merged"] and sorted(p.name for p in (tmp_path / "gguf").iterdir()) == ["clitron-demo-f16.gguf", "clitron-demo-q8_0.gguf"]
