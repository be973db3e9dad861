"""The schedule that runs across the phases of a training, and the smoothing of labels."""

import json

import pytest
import rebuild_tokenizer
import synthetic
import torch
import torch.nn.functional as F
from schedule import SMALL_BATCH, SMALL_RATE, Part, Schedule, batches, positions, warmed_up
from scratch_model import Smoothing, smoothed

PARTS = [Part(1 / 13, "linear_warmup", "start_small"), Part(10 / 13, "cosine_decay", "gradual_increase"), Part(2 / 13, "small_constant", "full_size")]
WHOLE = Schedule(PARTS)


def test_it_warms_up_with_small_batches_decays_with_growing_ones_and_stays_small_with_full_ones():
    rates = [WHOLE.rate(step, 1300) for step in range(1300)]
    rows = [WHOLE.rows(step, 1300, 32) for step in range(1300)]
    assert rates[0] < 0.01 and rates[99] == pytest.approx(1, abs=0.01)
    assert all(a <= b for a, b in zip(rates[:100], rates[1:100]))
    assert all(a >= b for a, b in zip(rates[100:], rates[101:]))
    assert set(rates[1100:]) == {SMALL_RATE}
    assert set(rows[:100]) == {32 * SMALL_BATCH} and set(rows[1100:]) == {32}
    assert all(a <= b for a, b in zip(rows, rows[1:]))


def test_phases_have_their_pieces_of_it_one_after_the_other():
    thirds = [Schedule(PARTS, at / 3, (at + 1) / 3) for at in range(3)]
    pieces = [piece.rate(step, 100) for piece in thirds for step in range(100)]
    assert pieces == pytest.approx([WHOLE.rate(step, 300) for step in range(300)])


def test_so_many_steps_read_so_many_rows():
    steps = WHOLE.steps_for(10_000, 32)
    assert sum(WHOLE.rows(step, steps, 32) for step in range(steps)) == pytest.approx(10_000, rel=0.02)


def test_batches_of_growing_size_take_every_row_before_one_comes_again():
    taken = batches(10, [2, 3, 5, 7, 3], seed=1)
    assert [len(batch) for batch in taken] == [2, 3, 5, 7, 3]
    flat = [row for batch in taken for row in batch]
    assert sorted(flat[:10]) == sorted(flat[10:20]) == list(range(10)) and flat[:10] != flat[10:20]
    assert taken == batches(10, [2, 3, 5, 7, 3], seed=1)
    assert positions([2, 3]) == [0, 2, 5]


def test_a_phase_warms_up_for_itself():
    assert [warmed_up(step, 4) for step in (0, 1, 3, 9)] == [0.25, 0.5, 1, 1] and warmed_up(0, 0) == 1


def test_smoothing_is_cross_entropy_against_targets_that_leave_a_share_to_all_labels():
    torch.manual_seed(0)
    logits, ids, share = torch.randn(5, 12), [3, 4, 7], 0.1
    targets = torch.tensor([3, 9, 7, -100, 4])
    loss = F.cross_entropy(logits, targets, reduction="sum") + smoothed(logits, targets, Smoothing(share, ids))
    soft = F.one_hot(targets.clamp(min=0), 12).float()
    for row in (0, 2, 4):
        soft[row] *= 1 - share
        soft[row, ids] += share / len(ids)
    assert loss.item() == pytest.approx(-(soft * F.log_softmax(logits, -1))[targets != -100].sum().item(), rel=1e-5)


@pytest.mark.slow
def test_a_training_follows_it_and_a_killed_one_goes_on_as_if_nothing_had_been(start, run, scratch_spec, tmp_path):
    import numpy as np
    from safetensors.numpy import load_file

    parts = [{"share": part.share, "learning_rate": part.learning_rate, "batch_size": part.batch_size} for part in PARTS]
    scratch_spec["config"]["schedule"] = {"parts": parts}
    scratch_spec["config"]["training"] |= {"steps": 26, "warmup_steps": 0, "label_smoothing": 0.1}
    scratch_spec["config"]["logging"] = {"logging_steps": 1, "eval_steps": 10}
    run("sft", scratch_spec)
    lines = [json.loads(line) for line in (tmp_path / "sft" / "metrics.jsonl").read_text().splitlines()]
    rates = [line["learning_rate"] for line in lines]
    assert rates == pytest.approx([0.01 * WHOLE.rate(step, 26) for step in range(26)])
    read = [WHOLE.rows(step, 26, 8) for step in range(26)]
    assert [line["epoch"] for line in lines] == pytest.approx([sum(read[: step + 1]) / 200 for step in range(26)], abs=1e-3)

    disturbed = {**scratch_spec, "work": tmp_path / "work2", "output": tmp_path / "resumed", "checkpoint_steps": 9}
    child = start("sft", disturbed)
    assert child.wait_for("checkpoint")["step"] == 9
    child.process.kill()
    child.finish()
    run("sft", disturbed)
    a, b = (load_file(tmp_path / folder / "model.safetensors") for folder in ("sft", "resumed"))
    assert all(np.abs(a[k] - b[k]).max() <= 1e-6 for k in a)


def test_a_part_that_is_none_is_named(run, scratch_spec):
    scratch_spec["config"]["schedule"] = {"parts": [{"share": 1.0, "learning_rate": "steep", "batch_size": "full_size"}]}
    message = run("sft", scratch_spec, code=64)["message"]
    assert "config.schedule: parts[0]: learning_rate: expected one of linear_warmup, cosine_decay, small_constant" in message


@pytest.mark.slow
def test_a_phase_of_a_downloaded_base_follows_its_piece_of_a_schedule(llama_cpp_sources, run, tmp_path):
    files, base = synthetic.write(tmp_path / "data", 16, 4), rebuild_tokenizer.build(llama_cpp_sources, "llama", tmp_path / "base")
    parts = [{"share": 0.25, "learning_rate": "linear_warmup", "batch_size": "start_small"}, {"share": 0.5, "learning_rate": "cosine_decay", "batch_size": "gradual_increase"}, {"share": 0.25, "learning_rate": "small_constant", "batch_size": "full_size"}]
    training = {"num_train_epochs": 2, "max_steps": 12, "per_device_train_batch_size": 4, "gradient_accumulation_steps": 1, "learning_rate": 1e-3, "warmup_ratio": 0, "label_smoothing": 0.1}
    config = {"training": training, "schedule": {"parts": parts, "begin": 0.5, "end": 1.0}, "logging": {"logging_steps": 1}}
    spec = {"stage": "sft", "name": "demo", "base": base, "train": files["train"], "validation": files["validation"], "config": config, "work": tmp_path / "work", "output": tmp_path / "sft", "device": "cpu", "precision": "fp32"}
    result = run("sft", spec)
    # Twice 16 rows in batches of 2 to 4; from the middle on the rate is small and constant.
    assert result["steps"] == 9
    rates = [line["learning_rate"] for line in map(json.loads, (tmp_path / "sft" / "metrics.jsonl").read_text().splitlines()) if "learning_rate" in line]
    assert all(a > b for a, b in zip(rates[:4], rates[1:4])) and rates[4:] == pytest.approx([1e-4] * 5)
    assert result["validation_loss"] > 0
