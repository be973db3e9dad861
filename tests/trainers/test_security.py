"""Models and checkpoints from anybody: whatever stands in them, nothing of it runs, and the refusal says why."""

import hashlib
import json
import os
import shutil

import base
import pytest
import rebuild_tokenizer
import synthetic
from protocol import SpecError

CONFIG = {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "vocab_size": 64, "hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 2}
OWN_CODE = {"AutoConfig": "own.OwnConfig", "AutoModelForCausalLM": "own.OwnModel"}


class Marker:
    """Unpickled, it runs a program that leaves a file behind."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.system, (f"touch {self.path}",)


@pytest.fixture
def marker(tmp_path):
    """The file that must not appear."""
    path = tmp_path / "the-marker"
    yield path
    assert not path.exists(), "code of a model or of a pickle was run"


@pytest.fixture
def folder(tmp_path, marker):
    """Writes a model folder with the files given, pickles and code armed."""

    def write(name="model", **files):
        import torch

        path = tmp_path / name
        path.mkdir()
        for file, content in {"config.json": CONFIG, **files}.items():
            if content == "pickle":
                torch.save({"model.norm.weight": Marker(marker)}, path / file)
            elif content == "code":
                (path / file).write_text(f"open({str(marker)!r}, 'w')\nclass OwnConfig: pass\nclass OwnModel: pass\nclass OwnTokenizer: pass\n")
            elif content is not None:
                (path / file).write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return write


PICKLES = {
    "only a pickle": {"pytorch_model.bin": "pickle"},
    "a pickle in shards": {"pytorch_model.bin.index.json": {"weight_map": {"model.norm.weight": "pytorch_model.bin"}}, "pytorch_model.bin": "pickle"},
    "safetensors of another name as a decoy": {"decoy.safetensors": "", "adapter_model.safetensors": "", "pytorch_model.bin": "pickle"},
    "an index of safetensors that names a pickle": {"model.safetensors.index.json": {"weight_map": {"model.norm.weight": "weights.bin"}}, "weights.bin": "pickle"},
    "an index that names a file elsewhere": {"model.safetensors.index.json": {"weight_map": {"model.norm.weight": "../elsewhere.safetensors"}}},
    "an index that names nothing": {"model.safetensors.index.json": {"weight_map": {}}, "pytorch_model.bin": "pickle"},
    "TensorFlow's and Flax's forms": {"tf_model.h5": "pickle", "flax_model.msgpack": "pickle"},
}
CODE = {
    "in its configuration": {"config.json": {**CONFIG, "auto_map": OWN_CODE}},
    "of an architecture that nobody knows": {"config.json": {**CONFIG, "model_type": "own", "auto_map": OWN_CODE}},
    "in another repository": {"config.json": {**CONFIG, "auto_map": {"AutoConfig": "maker/other--own.OwnConfig"}}},
    "in its tokenizer": {"tokenizer_config.json": {"tokenizer_class": "OwnTokenizer", "auto_map": {"AutoTokenizer": ["own.OwnTokenizer", None]}}},
    "in its tokenizer, in the old form": {"tokenizer_config.json": {"auto_map": ["own.OwnTokenizer", None]}},
    "in how it generates": {"generation_config.json": {"auto_map": {"generate": "own.OwnModel"}}},
}


@pytest.mark.parametrize("files", PICKLES.values(), ids=PICKLES)
def test_weights_that_are_no_safetensors_are_not_read(folder, files):
    path = folder(**files)
    with pytest.raises(SpecError, match="safetensors|names no files"):
        base.load_model(path)


@pytest.mark.parametrize("files", CODE.values(), ids=CODE)
def test_a_model_with_code_of_its_own_is_refused(folder, files):
    path = folder(**{"own.py": "code", "model.safetensors": "", **files})
    for load in (base.load_model, base.load_config) + ((base.load_tokenizer,) if "tokenizer_config.json" in files else ()):
        with pytest.raises(SpecError, match="code of the model's own .auto_map., which would run on this machine"):
            load(path)


def test_of_a_folder_with_both_only_the_safetensors_are_read(folder):
    from transformers import LlamaConfig, LlamaForCausalLM

    path = folder(**{"pytorch_model.bin": "pickle", "training_args.bin": "pickle", "optimizer.pt": "pickle", "own.py": "code", "tokenizer_own.py": "code"})
    LlamaForCausalLM(LlamaConfig(**CONFIG)).save_pretrained(path)
    assert base.load_model(path).config.hidden_size == CONFIG["hidden_size"]


def test_no_stage_loads_what_is_refused(folder, run, tmp_path, llama_cpp_sources, library):
    template = {"prefix": "", "suffix": "?", "add_bos": False, "stop": [], "eos": "</s>"}
    own = folder(**{"config.json": {**CONFIG, "auto_map": OWN_CODE}, "own.py": "code", "pytorch_model.bin": "pickle", "prompt_template.json": template})
    adapter = folder("adapter", **{"config.json": None, "adapter_config.json": {"peft_type": "LORA", "base_model_name_or_path": str(own)}, "adapter_model.safetensors": ""})
    files, common = synthetic.write(tmp_path / "data", 16, 4), {"name": "demo", "device": "cpu", "precision": "fp32"}
    tools = {"convert": llama_cpp_sources / "convert_hf_to_gguf.py", "library": library}
    stages = {
        "preflight": {"base": own, "output": tmp_path / "pre", "llama_cpp": tools, **common},
        "sft": {"base": own, "train": files["train"], "validation": files["validation"], "config": {}, "work": tmp_path / "work", "output": tmp_path / "out", **common},
        "merge": {"model": adapter, "output": tmp_path / "out"},
        "dpo": {"model": own, "preferences": files["preferences"], "config": {}, "work": tmp_path / "work", "output": tmp_path / "out", **common},
        "quantize": {"name": "demo", "model": own, "output": tmp_path / "gguf", "llama_cpp": tools},
    }
    for stage, spec in stages.items():
        error = run(stage, {"stage": stage, **spec}, code=64)
        assert error["type"] == "BadInput" and "auto_map" in error["message"], stage
    assert not (tmp_path / "out").exists()


def poison(checkpoint, file, marker):
    """Puts an armed pickle in place of a file, and its hash into the manifest: who can write the one can write the other."""
    import torch

    torch.save({"state": Marker(marker), "param_groups": []}, checkpoint / file)
    manifest = json.loads((checkpoint / "manifest.json").read_text())
    content = (checkpoint / file).read_bytes()
    for entry in manifest["files"]:
        if entry["path"] == file:
            entry.update(bytes=len(content), sha256=hashlib.sha256(content).hexdigest())
    (checkpoint / "manifest.json").write_text(json.dumps(manifest))


def interrupted(start, spec, work):
    child = start("sft", {**spec, "checkpoint_seconds": 0.0})
    child.wait_for("checkpoint")
    child.stop()
    assert child.finish() == 75, child.tail()
    return sorted(work.glob("checkpoint-*"))[-1]


def test_a_pickle_in_a_checkpoint_is_refused(start, run, scratch_spec, marker):
    poison(interrupted(start, scratch_spec, scratch_spec["work"]), "state.pt", marker)
    error = run("sft", scratch_spec, code=65)
    assert error["type"] == "BadInput" and "pickle that would run code" in error["message"] and "checkpoint-0" in error["message"]


@pytest.mark.slow
def test_a_pickle_in_a_checkpoint_of_a_downloaded_base_is_refused(start, run, tmp_path, tmp_path_factory, llama_cpp_sources, marker):
    small = rebuild_tokenizer.build(llama_cpp_sources, "gpt2", tmp_path_factory.mktemp("base") / "gpt2", hidden_size=64, embedding_scale=10)
    files = synthetic.write(tmp_path / "data", 22, 4)
    training = {"num_train_epochs": 2, "per_device_train_batch_size": 4, "gradient_accumulation_steps": 2}
    spec = {"stage": "sft", "name": "demo", "base": small, "train": files["train"], "validation": files["validation"], "config": {"training": training}, "work": tmp_path / "work", "output": tmp_path / "sft", "device": "cpu", "precision": "fp32", "threads": 1}  # fmt: skip
    stopped = interrupted(start, spec, tmp_path / "work")
    for file in ("optimizer.pt", "rng_state.pth"):
        work = tmp_path / f"work-{file}"
        shutil.copytree(tmp_path / "work", work)
        poison(work / stopped.name, file, marker)
        error = run("sft", {**spec, "work": work}, code=65)
        assert error["type"] == "BadInput" and "pickle that would run code" in error["message"], file
