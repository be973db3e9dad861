"""The one way in which a model and its tokenizer are loaded: safetensors and JSON, no pickle, no code of their own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from protocol import SpecError, typed

# Where a repository says that classes of its own must be imported.
_CONFIGURATIONS = ["config.json", "tokenizer_config.json", "generation_config.json", "processor_config.json", "preprocessor_config.json"]


def check(folder: str | Path) -> list[Path]:
    """The files that hold the weights of a model folder.

    @raises SpecError for a folder without weights in safetensors form, and for one that needs code of its own: without
    that code it would be another model than its owner means, and llama.cpp's converter would run it.
    """
    folder = Path(folder)
    for name in _CONFIGURATIONS:
        if "auto_map" in _json(folder / name, missing_ok=name != "config.json"):
            raise SpecError(f"base: {folder / name} names code of the model's own (auto_map), which would run on this machine when it is loaded; it is not loaded. Choose a base whose architecture transformers knows (`clitron bases`).")
    single, index = folder / "model.safetensors", folder / "model.safetensors.index.json"
    if single.is_file():
        return [single]
    if not index.is_file():
        raise SpecError(f"base: {folder} has no model.safetensors; other weight formats can run code when loaded and are not read.")
    shards = sorted(set(map(str, _json(index).get("weight_map", {}).values())))
    for name in shards:
        if not name.endswith(".safetensors") or Path(name).name != name:
            raise SpecError(f"base: {index} names {name!r}; expected safetensors files of the same folder.")
    if not shards:
        raise SpecError(f"base: {index} names no files.")
    return [folder / name for name in shards]


def load_model(folder: str | Path, **options):
    from transformers import AutoModelForCausalLM

    check(folder)
    return AutoModelForCausalLM.from_pretrained(folder, use_safetensors=True, trust_remote_code=False, **options)


@dataclass
class Model:
    """The `model` section of sft_config.yaml and dpo_config.yaml, beside the name."""

    # How transformers computes attention while it trains; its own choice where absent.
    attention: Literal["eager", "sdpa", "flash_attention_2"] | None = None


def attention(config: dict, device: str, precision: str) -> dict:
    """What `load_model` is told of a configuration's attention. @raises SpecError where FlashAttention cannot run."""
    chosen = typed(config.get("model", {}), Model, "config.model", extra=True).attention
    if chosen == "flash_attention_2":
        from transformers.utils import is_flash_attn_2_available

        lacking = "a CUDA GPU" if device != "cuda" else "16 bit, and this run is in fp32" if precision == "fp32" else None if is_flash_attn_2_available() else "the Python package flash-attn, which Clitron does not install"
        if lacking:
            raise SpecError(f"config.model.attention: flash_attention_2 needs {lacking}; set sdpa or eager, or leave it out.")
    return {"attn_implementation": chosen} if chosen else {}


def load_config(folder: str | Path):
    from transformers import AutoConfig

    check(folder)
    return AutoConfig.from_pretrained(folder, trust_remote_code=False)


def load_tokenizer(folder: str | Path):
    """Of an adapter's folder too, which has no weights of a whole model."""
    from transformers import AutoTokenizer

    if "auto_map" in _json(Path(folder, "tokenizer_config.json"), missing_ok=True):
        check(folder)
    return AutoTokenizer.from_pretrained(folder, trust_remote_code=False)


def _json(file: Path, missing_ok: bool = False) -> dict:
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if missing_ok:
            return {}
        raise SpecError(f"base: {file} is missing.") from None
    except (OSError, ValueError) as error:
        raise SpecError(f"base: {file} cannot be read as JSON: {error}.") from None
    if not isinstance(value, dict):
        raise SpecError(f"base: {file} is no JSON object.")
    return value
