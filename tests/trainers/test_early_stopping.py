"""A training ends when its validation loss comes to no new low, and what is kept is the lowest one's, killed in between or not."""

import json
import math
import re
import signal

import pytest
import rebuild_tokenizer
import synthetic
import torch
from early_stopping import EarlyStopping
from metrics import Metrics
from protocol import SpecError

KILLED = -signal.SIGKILL


def weights(file):
    from safetensors.numpy import load_file

    return load_file(file)


def equal(a, b):
    import numpy as np

    a, b = weights(a), weights(b)
    return a.keys() == b.keys() and all(np.abs(a[k] - b[k]).max() <= 1e-6 for k in a)


def lines(folder):
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]


def measured(losses, patience=2):
    """What a training comes to that has these losses one after the other; its one weight is the number of the evaluation."""
    early, model = EarlyStopping.of(patience), torch.nn.Linear(1, 1, bias=False)
    for step, loss in enumerate(losses, 1):
        model.weight.data.fill_(step)
        early.measured(step, loss, model)
        if early.stopped:
            break
    return early, model, step


@pytest.mark.parametrize(
    "losses, stops_after, kept",
    [
        ([3, 2, 1, 0.5], None, 4),
        ([3, 2, 2.5, 2.1, 1], 4, 2),
        # A new low, by however little, begins the count anew; the same loss is none.
        ([3, 4, 2.999, 4, 2.999, 1], 5, 3),
        ([2, 2, 2], 3, 1),
        ([math.nan, 5, math.nan, 6], 4, 2),
        ([math.nan, math.nan, math.nan], 3, 1),
    ],
)
def test_it_stops_after_so_many_evaluations_without_a_new_low_and_keeps_the_lowest_s_weights(losses, stops_after, kept, tmp_path):
    early, model, step = measured(losses)
    assert early.stopped == (stops_after is not None) and step == (stops_after or len(losses)) and early.kept_step == kept
    ending = early.conclude(model, Metrics(tmp_path / "metrics.jsonl"), step, 10)
    assert model.weight.item() == kept and ending == {"kept_step": kept, "stopped_early_at": step}


def test_what_a_checkpoint_has_of_it_goes_on_as_if_nothing_had_been(tmp_path):
    early, model, _ = measured([3, 2, 2.5])
    early.save(tmp_path)
    resumed = EarlyStopping.of(2)
    resumed.restore(tmp_path)
    assert (resumed.kept_step, resumed.loss, resumed.stopped) == (2, 2, False) and resumed.weights == early.weights
    resumed.measured(4, 2.1, model)
    assert resumed.stopped and resumed.kept_step == 2


def test_none_is_off_and_less_is_refused():
    assert EarlyStopping.of(0) is None
    with pytest.raises(SpecError, match=r"training.early_stopping: expected a whole number from 0 \(off\), found -1"):
        EarlyStopping.of(-1)


@pytest.fixture
def overfitting(scratch_spec, tmp_path):
    """Eight rows, read again and again, are known by heart after some steps."""
    files = synthetic.write(tmp_path / "few", 8, 30)
    scratch_spec |= {"train": files["train"], "validation": files["validation"]}
    scratch_spec["config"]["training"] |= {"steps": 100, "relexicalise": 0.0, "early_stopping": 2}
    scratch_spec["config"]["logging"] = {"logging_steps": 5, "eval_steps": 5, "eval_rows": 20}
    return scratch_spec


def loss_of(folder, rows):
    from base import load_model
    from parity import encoder
    from scratch_sft import evaluate

    encode, _ = encoder(folder)
    examples = [encode(row["text"], row["completion"]) for row in rows]
    return evaluate(load_model(folder, dtype=torch.float32), examples, [[[] for _ in ids] for _, ids in examples], "fp32")[0]


def test_a_model_from_scratch_is_written_as_it_was_at_its_lowest_loss_of_the_same_rows_each_time(run, overfitting, tmp_path):
    result = run("sft", overfitting)
    curve = lines(tmp_path / "sft")
    losses = {line["step"]: line["validation_loss"] for line in curve}
    kept, stopped = result["kept_step"], result["stopped_early_at"]
    assert stopped == result["steps"] == kept + 10 == max(losses) < 100
    assert losses[kept] == min(losses.values()) and losses[stopped] > losses[kept] + 0.1
    assert result["train_loss"] == next(line["loss"] for line in curve if line["step"] == kept)
    assert [line.get("kept_step") for line in curve] == [None] * (len(curve) - 1) + [kept] and curve[-1]["stopped_early_at"] == stopped
    assert f"stopped early at step {stopped} of 100; the weights of step {kept} are kept" in (tmp_path / "sft.log").read_text()

    rows = [json.loads(line) for line in overfitting["validation"].read_text().splitlines()]
    assert loss_of(tmp_path / "sft", rows[:20]) == pytest.approx(losses[kept], abs=1e-4)
    assert loss_of(tmp_path / "sft", rows) == pytest.approx(result["validation_loss"], abs=1e-4) != pytest.approx(losses[kept], abs=1e-4)


def test_a_killed_model_from_scratch_stops_where_an_undisturbed_one_does_and_keeps_the_same(run, overfitting, tmp_path):
    whole = run("sft", overfitting)
    assert whole["kept_step"] == 10
    # Before the lowest loss is measured, in the step that measures it, and between it and the end.
    for killed_at in (7, 10, 13):
        folder = tmp_path / f"resumed-{killed_at}"
        disturbed = {**overfitting, "work": tmp_path / f"work-{killed_at}", "output": folder, "checkpoint_steps": killed_at}
        run("sft", disturbed, code=KILLED)
        resumed = run("sft", disturbed)
        assert f"resumed from step {killed_at}\n" in (tmp_path / "sft.log").read_text()
        same = ("steps", "kept_step", "stopped_early_at", "tokens")
        assert [resumed[key] for key in same] == [whole[key] for key in same]
        assert resumed["validation_loss"] == pytest.approx(whole["validation_loss"], abs=1e-6)
        assert equal(tmp_path / "sft" / "model.safetensors", folder / "model.safetensors")
        assert [line["step"] for line in lines(folder)] == [line["step"] for line in lines(tmp_path / "sft")]


def test_it_neither_stops_before_a_model_is_pruned_nor_keeps_what_is_not(run, overfitting, tmp_path):
    overfitting["config"]["training"] |= {"steps": 60, "prune": 0.5, "prune_at": 0.5}
    result = run("sft", overfitting)
    assert result["kept_step"] > 30
    assert json.loads((tmp_path / "sft" / "config.json").read_text())["intermediate_size"] == 64


def test_a_further_phase_counts_for_itself(run, overfitting, tmp_path):
    first = run("sft", {**overfitting, "work": tmp_path / "work1", "output": tmp_path / "phase1"})
    second = run("sft", {**overfitting, "start": tmp_path / "phase1"})
    curve = lines(tmp_path / "sft")
    assert [line["step"] for line in curve if "stopped_early_at" in line] == [first["steps"], first["steps"] + second["steps"]]
    assert curve[-1]["kept_step"] == first["steps"] + second["kept_step"]


@pytest.fixture(scope="module")
def base(llama_cpp_sources, tmp_path_factory):
    return rebuild_tokenizer.build(llama_cpp_sources, "gpt2", tmp_path_factory.mktemp("base") / "gpt2", hidden_size=64, embedding_scale=10)


@pytest.fixture
def adapter(base, tmp_path):
    """Six rows in batches of four: the second step ends an epoch. The rate is the same however many steps there are."""
    files = synthetic.write(tmp_path / "data", 6, 4)
    training = {"num_train_epochs": 12, "per_device_train_batch_size": 4, "gradient_accumulation_steps": 1, "learning_rate": 0.1, "lr_scheduler_type": "constant", "warmup_ratio": 0, "early_stopping": 2}
    config = {"training": training, "logging": {"logging_steps": 1}}
    return {"stage": "sft", "name": "demo", "base": base, "train": files["train"], "validation": files["validation"], "config": config, "work": tmp_path / "work", "output": tmp_path / "sft", "device": "cpu", "precision": "fp32", "threads": 1}


def test_an_adapter_is_written_as_it_was_at_its_lowest_loss(run, adapter, tmp_path):
    result = run("sft", adapter)
    curve = lines(tmp_path / "sft")
    losses = {line["step"]: line["validation_loss"] for line in curve if "validation_loss" in line}
    kept, stopped = result["kept_step"], result["stopped_early_at"]
    assert stopped == result["steps"] == kept + 4 == max(losses) < 24 and list(losses) == list(range(2, stopped + 1, 2))
    assert result["validation_loss"] == losses[kept] == min(losses.values()) and curve[-1]["kept_step"] == kept

    plain = {**adapter["config"], "training": {**adapter["config"]["training"], "early_stopping": 0, "max_steps": kept}}
    until_then = run("sft", {**adapter, "config": plain, "work": tmp_path / "work1", "output": tmp_path / "until-then"})
    assert until_then["validation_loss"] == pytest.approx(result["validation_loss"], abs=1e-5) and "kept_step" not in until_then
    assert equal(tmp_path / "sft" / "adapter_model.safetensors", tmp_path / "until-then" / "adapter_model.safetensors")


@pytest.mark.slow
def test_a_killed_adapter_stops_where_an_undisturbed_one_does_and_keeps_the_same(run, adapter, tmp_path):
    result = run("sft", adapter)
    # In the step that measures the lowest loss, and between it and the end.
    for killed_at in (result["kept_step"], result["kept_step"] + 3):
        disturbed = {**adapter, "work": tmp_path / f"work-{killed_at}", "output": tmp_path / f"resumed-{killed_at}", "checkpoint_steps": killed_at}
        run("sft", disturbed, code=KILLED)
        resumed = run("sft", disturbed)
        assert int(re.search(r"resumed from step (\d+)", (tmp_path / "sft.log").read_text())[1]) == killed_at
        same = ("steps", "kept_step", "stopped_early_at")
        assert [resumed[key] for key in same] == [result[key] for key in same]
        assert resumed["validation_loss"] == pytest.approx(result["validation_loss"], abs=1e-6)
        assert equal(tmp_path / "sft" / "adapter_model.safetensors", tmp_path / f"resumed-{killed_at}" / "adapter_model.safetensors")


@pytest.mark.slow
def test_with_a_schedule_an_adapter_is_measured_whenever_it_has_read_its_rows(run, adapter, tmp_path):
    parts = [{"share": 1.0, "learning_rate": "small_constant", "batch_size": "full_size"}]
    adapter["config"] |= {"schedule": {"parts": parts, "begin": 0.5, "end": 1.0}}
    adapter["config"]["training"] |= {"early_stopping": 3, "num_train_epochs": 4}
    result = run("sft", adapter)
    validated = [line["step"] for line in lines(tmp_path / "sft") if "validation_loss" in line]
    assert validated == [2, 4, 6] and result["kept_step"] in validated
