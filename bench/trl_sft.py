"""TRL's SFTTrainer on the rows and the model of bench/sft.ts: the other side, without any of Clitron's training code.

    python bench/trl_sft.py SPEC.json

The token ids are made by Clitron's own functions (trainers/prompt.py, trainers/scratch_tokenizer.py), so that both sides
read the same. All else is TRL as it comes, but for what would only slow it down here: no gradient checkpointing, no logs,
no checkpoints. Counted are the tokens of prompts and answers, padding not; timed are the steps. Prints one JSON object.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "trainers"))


def main(spec: dict) -> dict:
    import torch
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback
    from trl import SFTConfig, SFTTrainer

    torch.manual_seed(spec["seed"])
    tokenizer = AutoTokenizer.from_pretrained(spec["model"])
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    model = AutoModelForCausalLM.from_pretrained(spec["model"], dtype=torch.float32)
    model.config.use_cache = False
    train, validation = (encoded(spec, tokenizer, Path(spec[name])) for name in ("train", "validation"))
    train = train[: spec.get("rows")]
    lora = spec.get("lora")
    arguments = SFTConfig(
        output_dir=spec["work"],
        seed=spec["seed"],
        num_train_epochs=1,
        per_device_train_batch_size=spec["batch_size"],
        per_device_eval_batch_size=spec["eval_batch_size"],
        train_sampling_strategy="group_by_length" if spec["by_length"] else "random",
        learning_rate=spec["learning_rate"],
        lr_scheduler_type="constant",
        use_cpu=True,
        bf16=spec["precision"] == "bf16",
        max_length=None,
        gradient_checkpointing=False,
        logging_strategy="no",
        save_strategy="no",
        eval_strategy="no",
        report_to="none",
        disable_tqdm=True,
    )

    class Clock(TrainerCallback):
        def on_train_begin(self, *_, **__):
            self.begin = time.monotonic()

        def on_train_end(self, *_, **__):
            self.seconds = time.monotonic() - self.begin

    clock = Clock()
    dataset = lambda rows: Dataset.from_list([{"input_ids": prompt + answer, "labels": [-100] * len(prompt) + answer} for prompt, answer in rows])
    trainer = SFTTrainer(
        model=model, args=arguments, train_dataset=dataset(train), eval_dataset=dataset(validation), processing_class=tokenizer, callbacks=[clock],
        peft_config=LoraConfig(r=lora["r"], lora_alpha=lora["alpha"], lora_dropout=lora["dropout"], target_modules=lora["targets"], task_type="CAUSAL_LM") if lora else None,
    )  # fmt: skip
    compared = spec.get("compare", True)
    before = trainer.evaluate()["eval_loss"] if compared else None
    trainer.train()
    tokens = sum(len(prompt) + len(answer) for prompt, answer in train)
    return {
        "rows": len(train),
        "tokens": tokens,
        "seconds": clock.seconds,
        "tokens_per_second": tokens / clock.seconds,
        "steps": trainer.state.global_step,
        "trainable_parameters": sum(p.numel() for p in trainer.model.parameters() if p.requires_grad),
        "validation_loss_before": before,
        "validation_loss": trainer.evaluate()["eval_loss"] if compared else None,
    }


def encoded(spec: dict, tokenizer, file: Path) -> list[tuple[list[int], list[int]]]:
    from rows import read_rows

    rows = read_rows(file)
    if not spec.get("lora"):
        from scratch_tokenizer import ScratchTokenizer

        return ScratchTokenizer(Path(spec["model"])).examples([(row.text, row.completion) for row in rows])
    from prompt import encode_example, from_tokenizer

    template = from_tokenizer(tokenizer, spec["system"])
    return [encode_example(tokenizer, template, row.text, row.completion) for row in rows]


if __name__ == "__main__":
    print(json.dumps(main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))))
