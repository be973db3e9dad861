"""The path of downloaded bases, whole and for real but for the size of the model: real tokenizers, random small weights."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import rebuild_tokenizer
import synthetic
from conftest import ROOT

ALL = ["llama", *(pytest.param(name, marks=pytest.mark.slow) for name in ("gpt2", "qwen2", "mistral", "lfm2"))]


@pytest.fixture(scope="session")
def base(llama_cpp_sources, tmp_path_factory):
    made = {}

    def of(architecture):
        if architecture not in made:
            made[architecture] = rebuild_tokenizer.build(llama_cpp_sources, architecture, tmp_path_factory.mktemp("base") / architecture)
        return made[architecture]

    return of


@pytest.mark.parametrize("architecture", ALL)
def test_lora_sft_merge_dpo_convert_and_quantize(architecture, base, run, tmp_path, llama_cpp_sources, library):
    folder, files = base(architecture), synthetic.write(tmp_path / "data", 16, 4)
    common = {"name": "demo", "device": "cpu", "precision": "fp32"}
    tools = {"convert": llama_cpp_sources / "convert_hf_to_gguf.py", "library": library}

    # GPT-2 cannot be pruned; LFM2 counts its width out of another number.
    changed = {"training": {"prune": 0.5 if architecture in ("llama", "lfm2") else 0}, "model": {"attention": "eager" if architecture == "llama" else "sdpa"}}

    checked = run("preflight", {"stage": "preflight", "base": folder, "output": tmp_path / "pre", "llama_cpp": tools, "config": changed, **common})
    assert checked["architecture"] == architecture and checked["precision"] == "fp32" and not list((tmp_path / "pre").iterdir())

    config = {"training": {"num_train_epochs": 1, "per_device_train_batch_size": 4, "gradient_accumulation_steps": 2, "learning_rate": "2e-3", "lora_target_modules": ["q_proj", "v_proj", "k_proj", "o_proj"], **changed["training"]}, "model": changed["model"], "logging": {"logging_steps": 1}}
    spec = {"stage": "sft", "base": folder, "train": files["train"], "validation": files["validation"], "system": "Answer with JSON.", "config": config, "work": tmp_path / "work", "output": tmp_path / "sft", "checkpoint_seconds": 0.0, **common}
    result = run("sft", spec)
    template = json.loads((tmp_path / "sft" / "prompt_template.json").read_text())
    masked, learned = result["mask"].split(" | ")
    assert learned.endswith(template["eos"] + "'") and learned.startswith("learned: '{")
    assert masked.count("<|begin_of_text|>") == (1 if architecture in ("llama", "lfm2") else 0)
    assert result["validation_rows"] == 4
    assert result["steps"] == 2 and 0 < result["trainable_parameters"] < 1_000_000
    # Models and GGUFs at 2 bytes a weight, two checkpoints with three copies in 32 bit of what is trained.
    assert checked["bytes_needed"] == 10 * checked["parameters"] + 24 * result["trainable_parameters"]
    assert sorted(p.name for p in (tmp_path / "work").glob("checkpoint-*")) == ["checkpoint-00000001"]  # goes on: test_resume.py

    merged = run("merge", {"stage": "merge", "model": tmp_path / "sft", "base": folder, "output": tmp_path / "merged"})
    assert merged["merged"] and merged["change"] > 10 * merged["error"]
    if architecture != "gpt2":
        assert json.loads((tmp_path / "merged" / "config.json").read_text())["intermediate_size"] == (256 if changed["training"]["prune"] else 512)

    config = {"training": {"num_train_epochs": 1, "per_device_train_batch_size": 4, "gradient_accumulation_steps": 1, "learning_rate": 1e-3, "beta": 0.1, "loss_type": "sigmoid"}}
    spec = {"stage": "dpo", "preferences": files["preferences"], "config": config, "work": tmp_path / "dpo-work", "output": tmp_path / "dpo", **common}
    assert "merge it first" in run("dpo", {**spec, "model": tmp_path / "sft"}, code=64)["message"]
    tuned = run("dpo", {**spec, "model": tmp_path / "merged"})
    assert tuned["rewards_margin"] is not None and (tmp_path / "dpo" / "config.json").is_file() and not (tmp_path / "dpo" / "adapter_config.json").exists()

    quantized = run("quantize", {"stage": "quantize", "name": "demo", "model": tmp_path / "dpo", "output": tmp_path / "gguf", "rows": files["validation"], "llama_cpp": tools})
    assert quantized["parity_rows"] == 4

    # What serves it reads the same tokens, says the same as the trainer's model, and answers.
    shutil.copy(tmp_path / "dpo" / "prompt_template.json", tmp_path / "gguf")
    asked = subprocess.run([ROOT / "node_modules" / ".bin" / "node", Path(__file__).parent / "ask-gguf.ts", tmp_path / "gguf", "demo", "q4_k_m"], capture_output=True, text=True, timeout=200)
    assert asked.returncode == 0, asked.stderr[-2000:]
    said = json.loads(asked.stdout)
    assert said["parity"]["passed"] and said["parity"]["tokenMismatches"] == 0 and said["answer"]["tokens"] > 0
    assert said["valid"]["type"] in ("command", "clarification")
