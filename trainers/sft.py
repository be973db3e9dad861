"""Supervised fine-tuning on the answers only (response-only loss masking).

    python trainers/sft.py spec.json

`base: scratch` trains all weights from random ones (scratch_sft.py); a folder is a downloaded base, fine-tuned with
LoRA (lora_sft.py). Both append EOS, mask the prompt with -100, show one mask, and write the same kind of folder.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from device import cores
from protocol import SpecError, serve


@dataclass
class Spec:
    stage: Literal["sft"]
    name: str
    # "scratch", or the folder of a downloaded base.
    base: str
    # TrainingRow JSONL.
    train: Path
    validation: Path
    # Checkpoints and metrics; a run is resumed from what stands here.
    work: Path
    # The model folder; appears whole at the end.
    output: Path
    config: dict
    seed: int = 1
    # The folder of a model of the same base that the training goes on from: what an earlier phase learned.
    start: Path | None = None
    # Rows that the tokenizer is made from where `train` has only those of a phase (scratch only).
    corpus: Path | None = None
    # JSON list of the schema's strings (scratch only).
    pieces: Path | None = None
    # The system turn of chat bases.
    system: str = ""
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    precision: Literal["auto", "fp32", "bf16", "fp16"] = "auto"
    checkpoint_seconds: float = 30.0
    # Also after so many steps, where they are there sooner.
    checkpoint_steps: int | None = None
    threads: int = field(default_factory=cores)


def main(spec: Spec) -> dict:
    if spec.base == "scratch":
        import scratch_sft as trainer
    elif Path(spec.base, "config.json").is_file():
        import lora_sft as trainer
    else:
        raise SpecError(f"base: expected 'scratch' or a model folder with config.json, found {spec.base!r}.")
    return trainer.run(spec)


if __name__ == "__main__":
    serve(main, Spec, __doc__)
