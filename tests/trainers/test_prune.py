"""Pruned models are ordinary narrower ones, and a pruned training that is killed is the same training."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import prune
import pytest
import torch
from conftest import TRAINERS
from protocol import SpecError
from scratch_model import ModelShape, build
from scratch_sft import Pruning
from scratch_step import Training


def a_model(width=96, **shape):
    torch.manual_seed(0)
    return build(ModelShape(**{"layers": "ca"} | shape, hidden_size=64, intermediate_size=width, num_attention_heads=2), vocabulary=300)


SHAPES = pytest.mark.parametrize("shape", [{}, {"architecture": "llama", "layers": "aa"}])


@SHAPES
def test_units_that_add_nothing_go_first_and_are_not_missed(shape):
    model, ids = a_model(**shape), torch.arange(12)[None]
    silent = [[1, 5, *range(20, 50)], [0, 95, *range(60, 90)]]
    with torch.no_grad():
        # One of the three is enough to silence a unit.
        for (gate, up, down), units in zip(prune.blocks(model), silent):
            gate.weight[units[:10]] = 0
            up.weight[units[10:20]] = 0
            down.weight[:, units[20:]] = 0
        before = model(ids).logits
        kept = prune.important(model, 64)
        assert kept == [sorted(set(range(96)) - set(units)) for units in silent]
        prune.narrow(model, kept)
        torch.testing.assert_close(model(ids).logits, before, rtol=1e-5, atol=1e-5)


@SHAPES
def test_a_pruned_model_is_loaded_from_its_folder_as_it_is(shape, tmp_path):
    from base import load_model

    model = a_model(**shape)
    prune.narrow(model, prune.important(model, 32))
    model.save_pretrained(tmp_path)
    again = load_model(tmp_path, dtype=torch.float32)
    assert prune.width_of(again) == again.config.intermediate_size == 32
    assert all(torch.equal(one, other) for one, other in zip(model.parameters(), again.parameters()))


def test_a_model_that_counts_its_width_out_of_another_number_is_loaded_as_narrow_as_it_is(tmp_path):
    from base import load_model
    from transformers import Lfm2Config, Lfm2ForCausalLM

    model = Lfm2ForCausalLM(Lfm2Config(vocab_size=50, hidden_size=32, intermediate_size=384, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=2, layer_types=["conv", "full_attention"]))
    assert prune.width_of(model) == 256  # two thirds of it
    prune.narrow(model, prune.important(model, 128))
    model.save_pretrained(tmp_path)
    assert prune.width_of(load_model(tmp_path)) == 128


def test_importance_stays_where_one_matrix_is_scaled_up_and_another_down():
    gate, up, down = prune.blocks(a_model())[0]
    before = prune.importance(gate, up, down)
    with torch.no_grad():
        up.weight *= 4
        down.weight /= 4
    torch.testing.assert_close(prune.importance(gate, up, down), before)


@pytest.mark.parametrize("width, share, left", [(384, 0, 384), (384, 0.25, 288), (384, 0.5, 192), (384, 0.01, 384), (384, 0.99, 32), (100, 0.1, 96), (20, 0.5, 20), (8192, 0.3, 5632), (8192, 0.999, 256)])
def test_the_width_that_is_left_is_one_that_llama_cpp_takes_whole(width, share, left):
    assert prune.width_after(width, share) == left


@pytest.mark.parametrize("training, message", [({"prune": 1.0}, "prune: expected a share from 0 to below 1, found 1.0"), ({"prune": -0.1}, "found -0.1"), ({"prune": 0.5, "prune_at": 1.0}, "prune_at: expected a share of the steps")])
def test_shares_out_of_range_are_refused(training, message):
    with pytest.raises(SpecError, match=message):
        Pruning.of(Training(**training), ModelShape())


def test_an_architecture_with_other_feed_forward_parts_is_refused():
    from transformers import GPT2Config, GPT2LMHeadModel

    with pytest.raises(SpecError, match="a gpt2 model cannot be pruned.*set prune to 0"):
        prune.width_of(GPT2LMHeadModel(GPT2Config(n_embd=32, n_layer=1, n_head=2, vocab_size=50)))


def forked(trainings, tmp_path):
    """Their exit codes, last events and what they logged; each of [stage, spec, killed at its first checkpoint]."""
    arguments = []
    for number, (stage, spec, kill) in enumerate(trainings):
        file = tmp_path / f"{number}.json"
        file.write_text(json.dumps(spec, default=str))
        arguments.append((stage, str(file), kill))
    environment = {**os.environ, "PYTHONPATH": str(TRAINERS)}
    done = subprocess.run([sys.executable, Path(__file__).with_name("forked.py"), json.dumps(arguments)], capture_output=True, text=True, env=environment)
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(results) == len(trainings), done.stderr[-2000:]
    return [result["code"] for result in results], [result["last"] for result in results], done.stderr


def weights(folder):
    from safetensors.torch import load_file

    return load_file(folder / "model.safetensors")


def test_killed_on_either_side_of_the_pruning_it_equals_an_undisturbed_one_bit_for_bit(scratch_spec, tmp_path):
    scratch_spec["config"]["training"] = {"steps": 12, "batch_size": 8, "warmup_steps": 2, "prune": 0.5, "prune_at": 0.4}
    of = lambda name, steps=None: {**scratch_spec, "work": tmp_path / f"{name}-work", "output": tmp_path / name, "checkpoint_steps": steps}
    # The first checkpoint is that of step 4, written just before the pruning; the next is that of step 8.
    codes, last, log = forked([("sft", of("whole"), False), ("sft", of("killed", 4), True), ("sft", of("killed", 4), True), ("sft", of("killed"), False)], tmp_path)
    assert codes == [0, -signal.SIGKILL, -signal.SIGKILL, 0], log[-2000:]
    assert "resumed from step 4\npruned to 64 feed-forward units a layer before step 5\n" in log and log.count("resumed from step 8\n") == 1
    whole, killed = weights(tmp_path / "whole"), weights(tmp_path / "killed")
    assert whole["model.layers.0.feed_forward.w2.weight"].shape == (64, 64)
    assert whole.keys() == killed.keys() and all(torch.equal(whole[key], killed[key]) for key in whole)
    assert last[3]["validation_loss"] == last[0]["validation_loss"] and last[0]["parameters"] == sum(weight.numel() for weight in whole.values())


def test_a_pruned_model_goes_the_whole_way_and_a_later_phase_prunes_it_no_further(scratch_spec, library, tmp_path):
    import gguf

    scratch_spec["config"]["training"] = {"steps": 6, "batch_size": 8, "warmup_steps": 2, "prune": 0.5}
    phase = {**scratch_spec, "start": tmp_path / "sft", "work": tmp_path / "work2", "output": tmp_path / "phase"}
    preferences = scratch_spec["train"].with_name("preferences.jsonl")
    training = {"num_train_epochs": 1, "per_device_train_batch_size": 64, "gradient_accumulation_steps": 1, "learning_rate": 1e-3}
    dpo = {"stage": "dpo", "name": "demo", "model": tmp_path / "phase", "preferences": preferences, "config": {"training": training}, "work": tmp_path / "work3", "output": tmp_path / "dpo", "device": "cpu", "threads": 1}
    quantize = {"stage": "quantize", "name": "demo", "model": tmp_path / "dpo", "output": tmp_path / "gguf", "rows": scratch_spec["validation"], "llama_cpp": {"convert": None, "library": library}}
    codes, _, log = forked([("sft", scratch_spec, False), ("sft", phase, False), ("dpo", {**dpo, "checkpoint_steps": 2}, True), ("dpo", dpo, False), ("quantize", quantize, False)], tmp_path)
    assert codes == [0, 0, -signal.SIGKILL, 0, 0], log[-2000:]
    assert log.count("pruned to 64 feed-forward units") == 1
    for folder in ("sft", "phase", "dpo"):
        assert json.loads((tmp_path / folder / "config.json").read_text())["intermediate_size"] == 64
    written = gguf.GGUFReader(tmp_path / "gguf" / "clitron-demo-q4_k_m.gguf")
    assert written.fields["lfm2.feed_forward_length"].parts[-1][0] == 64
    assert {tuple(t.shape) for t in written.tensors if "ffn_down" in t.name} == {(64, 64)}


@pytest.mark.slow
def test_an_adapter_is_trained_on_and_merged_over_the_units_it_began_with(llama_cpp_sources, run, tmp_path):
    import rebuild_tokenizer
    import synthetic

    base = rebuild_tokenizer.build(llama_cpp_sources, "mistral", tmp_path / "base", hidden_size=64, embedding_scale=10)
    files = synthetic.write(tmp_path / "data", 8, 4)
    modules = ["q_proj", "v_proj", "gate_proj", "down_proj"]
    training = {"num_train_epochs": 1, "per_device_train_batch_size": 4, "gradient_accumulation_steps": 1, "learning_rate": 1e-2, "lora_target_modules": modules, "prune": 0.5}
    spec = {"stage": "sft", "name": "demo", "base": base, "train": files["train"], "validation": files["validation"], "config": {"training": training}, "device": "cpu", "precision": "fp32", "threads": 1}
    first = run("sft", {**spec, "work": tmp_path / "work", "output": tmp_path / "first"})
    second = run("sft", {**spec, "start": tmp_path / "first", "work": tmp_path / "work2", "output": tmp_path / "second"})
    assert prune.recorded(tmp_path / "second") == prune.recorded(tmp_path / "first") and len(prune.recorded(tmp_path / "first")[0]) == 64
    assert second["parameters"] == first["parameters"] and second["validation_loss"] < first["validation_loss"]
    merged = run("merge", {"stage": "merge", "model": tmp_path / "second", "output": tmp_path / "merged", "precision": "32"})
    assert merged["change"] > 10 * merged["error"]
    assert weights(tmp_path / "merged")["model.layers.0.mlp.down_proj.weight"].shape == (64, 64)
