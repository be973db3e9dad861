"""Which modules LoRA wraps, by architecture: the specification's names are Llama's, and not every model has them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from protocol import SpecError

SPECIFICATION = ["q_proj", "v_proj", "k_proj", "o_proj"]
# Architectures whose attention projections are named otherwise. PEFT raises for GPT-2 and silently skips LFM2's out_proj.
TARGETS = {
    "gpt2": ["c_attn", "c_proj"],
    "lfm2": ["q_proj", "k_proj", "v_proj", "out_proj"],
    "gpt_neox": ["query_key_value", "dense"],
    "phi3": ["qkv_proj", "o_proj"],
}


@dataclass
class Lora:
    """The LoRA keys of sft_config.yaml's `training` section."""

    use_lora: bool = True
    lora_r: int = 16
    lora_alpha: int = 32
    lora_dropout: float = 0.05
    lora_target_modules: list[str] = field(default_factory=lambda: list(SPECIFICATION))


def wrap(model, settings: Lora):
    """The model with LoRA adapters. @raises SpecError when a target module does not exist in this architecture."""
    from peft import LoraConfig, TaskType, get_peft_model

    kind = model.config.model_type
    targets = settings.lora_target_modules
    if set(targets) == set(SPECIFICATION):
        targets = TARGETS.get(kind, targets)
    names = [name for name, module in model.named_modules() if getattr(module, "weight", None) is not None and module.weight.ndim == 2]
    matching = [name for name in names if name.rsplit(".", 1)[-1] in targets]
    missing = [target for target in targets if not any(name.rsplit(".", 1)[-1] == target for name in matching)]
    if missing:
        there = sorted({name.rsplit(".", 1)[-1] for name in names if "." in name})
        raise SpecError(f"training.lora_target_modules: {kind} has no module {', '.join(missing)}; it has {', '.join(there)}.")
    config = LoraConfig(
        r=settings.lora_r, lora_alpha=settings.lora_alpha, lora_dropout=settings.lora_dropout, target_modules=targets, task_type=TaskType.CAUSAL_LM, fan_in_fan_out=kind == "gpt2"
    )
    wrapped = get_peft_model(model, config)
    count = sum(1 for name, _ in wrapped.named_modules() if name.endswith("lora_A.default"))
    if count != len(matching):
        raise RuntimeError(f"LoRA wrapped {count} modules, {len(matching)} were meant")
    return wrapped


def go_on(model, adapter: Path):
    """The model with the adapter that an earlier phase has trained, to be trained on."""
    from peft import PeftModel

    return PeftModel.from_pretrained(model, adapter, is_trainable=True)
