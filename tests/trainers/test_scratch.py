import json
import random
import re

import pytest


def weights(folder):
    from safetensors.numpy import load_file

    return load_file(folder / "model.safetensors")


def test_a_killed_and_resumed_training_equals_an_undisturbed_one(start, run, scratch_spec, tmp_path):
    import numpy as np

    whole = run("sft", scratch_spec)
    disturbed = {**scratch_spec, "work": tmp_path / "work2", "output": tmp_path / "sft2", "checkpoint_seconds": 0.0}
    child = start("sft", disturbed)
    while child.wait_for("checkpoint")["step"] < 9:
        pass
    child.process.kill()
    child.process.wait()
    child = start("sft", disturbed)
    child.wait_for("checkpoint")
    child.stop()
    assert child.finish() == 75
    resumed = run("sft", {**disturbed, "checkpoint_seconds": 30.0})

    assert "resumed from step" in (tmp_path / "sft.log").read_text()
    a, b = weights(tmp_path / "sft"), weights(tmp_path / "sft2")
    assert all(np.abs(a[k] - b[k]).max() <= 1e-6 for k in a)
    assert resumed["validation_loss"] == pytest.approx(whole["validation_loss"], abs=1e-6)
    steps = [json.loads(line)["step"] for line in (tmp_path / "sft2" / "metrics.jsonl").read_text().splitlines()]
    assert steps == [5, 10, 15, 20, 25, 30]


def test_a_phase_goes_on_from_the_weights_and_the_words_of_the_one_before(run, scratch_spec, tmp_path):
    lines = scratch_spec["train"].read_text().splitlines(keepends=True)
    lesson = tmp_path / "lesson.jsonl"
    lesson.write_text("".join(lines[: len(lines) // 4]))
    first = {**scratch_spec, "train": lesson, "corpus": scratch_spec["train"], "work": tmp_path / "work1", "output": tmp_path / "phase1"}
    run("sft", first)
    second = {**scratch_spec, "start": tmp_path / "phase1"}
    result = run("sft", second)
    alone = run("sft", {**scratch_spec, "work": tmp_path / "work3", "output": tmp_path / "alone"})

    words = [(tmp_path / folder / "tokenizer.json").read_text() for folder in ("phase1", "sft", "alone")]
    assert words[0] == words[1] == words[2], "the tokenizer is made from all rows, in the first phase already"
    assert result["validation_loss"] < alone["validation_loss"]
    steps = [json.loads(line)["step"] for line in (tmp_path / "sft" / "metrics.jsonl").read_text().splitlines()]
    assert steps == [5 * n for n in range(1, 13)]
    assert result["steps"] == 30


def test_a_phase_that_was_killed_goes_on_from_its_own_checkpoint(start, run, scratch_spec, tmp_path):
    import numpy as np

    run("sft", {**scratch_spec, "work": tmp_path / "work1", "output": tmp_path / "phase1"})
    whole = {**scratch_spec, "start": tmp_path / "phase1", "work": tmp_path / "work2", "output": tmp_path / "whole"}
    run("sft", whole)
    disturbed = {**whole, "work": tmp_path / "work3", "output": tmp_path / "resumed", "checkpoint_steps": 9}
    child = start("sft", disturbed)
    assert child.wait_for("checkpoint")["step"] == 9
    child.process.kill()
    child.finish()
    run("sft", disturbed)

    a, b = weights(tmp_path / "whole"), weights(tmp_path / "resumed")
    assert all(np.abs(a[k] - b[k]).max() <= 1e-6 for k in a)
    steps = [(tmp_path / folder / "metrics.jsonl").read_text().count("\n") for folder in ("whole", "resumed")]
    assert steps == [12, 12]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_killed_at_a_random_step_it_does_at_most_the_interval_twice(seed, start, run, scratch_spec, tmp_path):
    import time

    whole = run("sft", scratch_spec)
    interval = whole["seconds"] / 4
    disturbed = {**scratch_spec, "work": tmp_path / "work2", "output": tmp_path / "sft2", "checkpoint_seconds": interval}
    child = start("sft", disturbed)
    saved = child.wait_for("checkpoint")["step"]
    time.sleep(random.Random(seed).uniform(0, 2 * interval))
    child.process.kill()
    child.finish()
    saved = max([saved, *(event["step"] for event in child.events if event["event"] == "checkpoint")])
    resumed = run("sft", {**disturbed, "checkpoint_seconds": 30.0})
    # Killed after its end it has nothing to do twice.
    at = re.search(r"resumed from step (\d+)", (tmp_path / "sft.log").read_text())
    assert at and int(at[1]) >= saved
    assert resumed["validation_loss"] == pytest.approx(whole["validation_loss"], abs=1e-6)


def test_a_curve_is_of_the_same_rows_to_its_end_and_the_result_of_all(run, scratch_spec, tmp_path):
    def trained(rows, name):
        config = {**scratch_spec["config"], "logging": {**scratch_spec["config"]["logging"], "eval_rows": rows}}
        result = run("sft", {**scratch_spec, "config": config, "work": tmp_path / f"{name} work", "output": tmp_path / name})
        return result["validation_loss"], json.loads((tmp_path / name / "metrics.jsonl").read_text().splitlines()[-1])["validation_loss"]

    of_few, last_of_few = trained(3, "few")
    of_all, last_of_all = trained(1_000, "all")
    assert of_few == of_all == last_of_all
    assert last_of_few != of_few


def test_one_mask_that_ends_with_eos_is_shown_at_the_start_and_in_the_result(start, scratch_spec):
    child = start("sft", scratch_spec)
    assert child.finish() == 0
    result = child.events[-1]
    assert [event.get("note") for event in child.events[:2]] == [result["mask"], None]
    masked, learned = result["mask"].split(" | ")
    assert "<s>" in masked and masked.endswith("<sep>'") and learned.endswith("</s>'") and '"type":"command"' in learned
    assert result["perplexity"] > 1 and result["steps"] == 30 and result["tokens"] > 0


def test_rows_longer_than_the_limit_are_counted_and_none_is_cut(run, scratch_spec, tmp_path):
    scratch_spec["config"]["data"] = {"max_seq_length": 20}
    run("sft", scratch_spec)
    assert "rows are longer than max_seq_length (20 tokens) and left out" in (tmp_path / "sft.log").read_text()


def test_a_bad_line_is_named(run, scratch_spec, tmp_path):
    with open(scratch_spec["train"], "a") as file:
        file.write('{"id": "x", "text": 1, "completion": ""}\n')
    assert "train.jsonl:201: expected an object with a string 'text'" in run("sft", scratch_spec, code=65)["message"]
    assert not (tmp_path / "sft").exists()


def test_a_row_with_an_empty_answer_is_refused(run, scratch_spec):
    with open(scratch_spec["train"], "a") as file:
        file.write('{"id": "x", "text": "show it", "completion": ""}\n')
    assert "row 'x' (row 201) has an empty answer" in run("sft", scratch_spec, code=65)["message"]


def test_the_whole_way_to_a_quantized_file(run, scratch_spec, library, tmp_path):
    import gguf

    scratch_spec["config"]["model"].update(hidden_size=256, intermediate_size=256)
    run("sft", scratch_spec)
    spec = {"stage": "quantize", "name": "demo", "base": "scratch", "model": tmp_path / "sft", "output": tmp_path / "gguf", "rows": scratch_spec["validation"], "llama_cpp": {"convert": None, "library": library}}
    result = run("quantize", spec)
    assert sorted(p.name for p in (tmp_path / "gguf").iterdir()) == ["clitron-demo-f16.gguf", "clitron-demo-q4_k_m.gguf", "parity.jsonl"]
    assert result["quantized"]["bytes"] < result["f16"]["bytes"] / 2
    kinds = {t.tensor_type.name for t in gguf.GGUFReader(tmp_path / "gguf" / "clitron-demo-q4_k_m.gguf").tensors}
    assert "Q4_K" in kinds
    row = json.loads((tmp_path / "gguf" / "parity.jsonl").read_text().splitlines()[0])
    assert len(row["completion_ids"]) == len(row["logprobs"]) == len(row["greedy_ids"]) == len(row["margins"]) and min(row["margins"]) >= 0


def test_preferences_win_over_an_sft_model_that_was_stopped_early_on_rows_that_neither_saw(run, scratch_spec, tmp_path):
    import synthetic

    files = synthetic.write(tmp_path / "data", 300, 20)
    scratch_spec["config"]["training"] |= {"steps": 60, "batch_size": 16}
    run("sft", scratch_spec)
    config = {"training": {"num_train_epochs": 3, "per_device_train_batch_size": 16, "gradient_accumulation_steps": 1, "learning_rate": 1e-3, "beta": 0.1, "loss_type": "sigmoid"}}
    spec = {"stage": "dpo", "name": "demo", "model": tmp_path / "sft", "preferences": files["preferences"], "config": config, "work": tmp_path / "dpo-work", "output": tmp_path / "dpo", "device": "cpu", "precision": "fp32", "threads": 1}
    run("dpo", spec)
    assert (tmp_path / "dpo" / "prompt_template.json").read_text() == (tmp_path / "sft" / "prompt_template.json").read_text()

    held_out = [synthetic.row(index) for index in range(1000, 1100)]
    before, after = (answered_right(tmp_path / model, held_out) for model in ("sft", "dpo"))
    # Of a hundred, 46 before and 82 after where this was written.
    assert after >= before + 20, f"{before} before, {after} after"


@pytest.mark.slow
@pytest.mark.parametrize("architecture", ["lfm2", "llama"])
def test_preferences_are_learned_as_by_the_library(architecture, run, scratch_spec, tmp_path):
    import dpo
    import parity
    import scratch_dpo
    import trl_dpo
    from rows import fitting_pairs, read_pairs

    scratch_spec["config"]["model"] |= {"architecture": architecture, "layers": "aa"} if architecture == "llama" else {}
    scratch_spec["config"]["training"]["steps"] = 20
    run("sft", scratch_spec)
    encode, _ = parity.encoder(tmp_path / "sft")
    preferences = scratch_spec["train"].with_name("preferences.jsonl")
    pairs = fitting_pairs(read_pairs(preferences)[:40], encode, 512, preferences)
    # All pairs at once: the two draw them in another order.
    training = dpo.Training(num_train_epochs=5, per_device_train_batch_size=40, gradient_accumulation_steps=1, learning_rate=1e-4)
    lines = []
    for trainer in (scratch_dpo, trl_dpo):
        spec = dpo.Spec("dpo", "demo", tmp_path / "sft", preferences, tmp_path / trainer.__name__, tmp_path / "out", {}, device="cpu", threads=2)
        _, metrics, figures = trainer.run(spec, training, pairs, pairs[30:], "a digest")
        lines.append([(line["loss"], line["learning_rate"], line["validation_rewards_margins"]) for line in metrics.lines])
        assert figures["steps"] == 5
    assert lines[0] == [pytest.approx(line, rel=1e-3, abs=1e-6) for line in lines[1]]
    assert lines[0][-1][0] < lines[0][0][0]


def answered_right(model, rows) -> int:
    """For how many rows the right answer is more probable, given token by token, than every wrong one."""
    import synthetic
    import torch
    from base import load_model
    from parity import encoder
    from scratch_model import completion_loss

    encode, _ = encoder(model)
    loaded = load_model(model, dtype=torch.float32).eval()
    loss = lambda row, answer: completion_loss(loaded, [encode(row["text"], answer)], "fp32")[0].item()
    with torch.no_grad():
        return sum(loss(row, row["completion"]) < min(loss(row, answer) for answer in synthetic.wrong(row)) for row in rows)


def test_added_tokens_are_cut_out_as_llama_cpp_does():
    from rows import Row
    from scratch_tokenizer import ScratchTokenizer, train

    tokenizer = ScratchTokenizer(tokenizer=train([Row("1", "abcd efgh", "")], ["ab", "bcd"], 260))
    # Leftmost first would be "ab" "c" "d"; llama.cpp looks for the longest token first, anywhere.
    assert [tokenizer.decode([i]) for i in tokenizer.encode(["abcd"])[0]] == ["a", "bcd"]


def test_cutting_from_left_to_right_is_cutting_out_the_longest_first():
    from rows import Row
    from scratch_tokenizer import ScratchTokenizer, train

    random_ = random.Random(3)
    crossed = 0
    for _ in range(20):
        pieces = {"".join(random_.choice("abé") for _ in range(random_.randint(1, 5))) for _ in range(8)}
        tokenizer = ScratchTokenizer(tokenizer=train([Row("1", "abab", "")], sorted(pieces), 260))
        for _ in range(200):
            text = "".join(random_.choice("abé ") for _ in range(random_.randint(0, 20)))
            cut = tokenizer._cut(text)
            assert cut == tokenizer._cut_longest_first(text), (text, pieces)
            crossed += cut != cut_from_the_left(tokenizer, text)
    assert crossed > 50


def cut_from_the_left(tokenizer, text):
    parts, rest = [], 0
    for match in tokenizer.longest_here.finditer(text):
        parts += [text[rest : match.start()]] * (match.start() > rest) + [tokenizer.added[match.group()]]
        rest = match.end()
    return parts + [text[rest:]] * (rest < len(text))


def test_any_text_comes_back_from_its_tokens():
    from rows import Row
    from scratch_tokenizer import ScratchTokenizer, train

    tokenizer = ScratchTokenizer(tokenizer=train([Row("1", "show the issues", "")] * 3, ['{"a":"', '"}'], 300))
    for text in ("größe 🚀 ‘x’\n\n  12345", '{"a":"ünder"}', "", "".join(chr(random.Random(1).randrange(32, 0x2FFF)) for _ in range(200))):
        assert tokenizer.decode(tokenizer.encode([text])[0]) == text
