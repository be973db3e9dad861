"""What TRL's trainers need to keep our promises: progress events, metrics, checkpoints that are complete, SIGTERM."""

from __future__ import annotations

import time
from pathlib import Path

import checkpoint
from early_stopping import EarlyStopping
from metrics import Metrics, perplexity
from protocol import Interrupted, Progress, log, saves_itself, stopping
from schedule import Schedule, batches, warmed_up


def trainer_class(base):
    """`base` (SFTTrainer or DPOTrainer) with datasets taken as they are and checkpoints through checkpoint.save."""
    import torch
    from transformers import Trainer

    class Run(base):
        fingerprint = ""
        tokens = 0
        schedule: Schedule | None = None
        early: EarlyStopping | None = None

        def follow(self, schedule: Schedule, steps: int, warmup: float) -> None:
            """Rates and batches of this training of `steps` steps are those of the schedule. `warmup`: the share of them in
            which it warms up besides, for each phase's optimizer begins anew."""
            self.schedule = schedule
            self.rate = lambda step: warmed_up(step, warmup * steps) * schedule.rate(min(step, steps - 1), steps)
            each = self.args.gradient_accumulation_steps
            full = self.args.per_device_train_batch_size * each
            sizes = [max(1, round(schedule.rows(step, steps, full) / each)) for step in range(steps) for _ in range(each)]
            self.batches = batches(len(self.train_dataset), sizes, self.args.data_seed)

        def create_scheduler(self, num_training_steps, optimizer=None):
            if self.schedule and self.lr_scheduler is None:
                self.lr_scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer or self.optimizer, self.rate)
                self._created_lr_scheduler = True
            return super().create_scheduler(num_training_steps, optimizer)

        def get_train_dataloader(self):
            if not self.schedule:
                return super().get_train_dataloader()
            dataset = self._remove_unused_columns(self.train_dataset, description="Training")
            return self.accelerator.prepare(torch.utils.data.DataLoader(dataset, batch_sampler=self.batches, collate_fn=self.data_collator, pin_memory=self.args.dataloader_pin_memory))

        def _prepare_dataset(self, dataset, *args, **kwargs):
            # Token ids are made by us, prompt and answer apart: TRL tokenizes them together and only warns where
            # the boundary falls otherwise.
            return dataset

        def evaluate(self, *args, **kwargs):
            # A data loader draws a seed. Between a checkpoint at an epoch's end and the next epoch that draw would shift
            # every dropout mask of an undisturbed run against those of a resumed one, which does not validate there.
            with torch.random.fork_rng():
                return super().evaluate(*args, **kwargs)

        def training_step(self, model, inputs, *args, **kwargs):
            self.tokens += int(inputs["attention_mask"].sum())
            return super().training_step(model, inputs, *args, **kwargs)

        def _save_checkpoint(self, model, trial):
            work, step = Path(self.args.output_dir), self.state.global_step

            def write(folder: Path) -> None:
                # transformers writes in place; let it do so in a folder that has no name yet. Not TRL's own method,
                # which writes a model card beside.
                self.args.output_dir = str(folder)
                try:
                    Trainer._save_checkpoint(self, model, trial)
                finally:
                    self.args.output_dir = str(work)
                inner = folder / f"checkpoint-{step}"
                for file in inner.iterdir():
                    file.rename(folder / file.name)
                inner.rmdir()
                (folder / "training_args.bin").unlink(missing_ok=True)  # a pickle that nothing reads
                self.metrics_file.write(folder / "metrics.jsonl")
                if self.early:
                    self.early.save(folder)

            with self.timer.saving(step):
                checkpoint.save(work, step, self.fingerprint, write)

    return Run


def callback(metrics: Metrics, message: str, spec):
    from transformers import TrainerCallback

    class Events(TrainerCallback):
        def __init__(self):
            self.progress, self.loss, self.trainer = None, None, None
            self.start, self.tokens_before = None, 0

        def on_train_begin(self, args, state, control, **kwargs):
            self.progress = Progress(message, state.max_steps, state.global_step)
            self.start, self.trainer.timer = time.monotonic(), checkpoint.Timer(spec.checkpoint_seconds, spec.checkpoint_steps, state.global_step)
            saves_itself.set()

        def on_step_end(self, args, state, control, **kwargs):
            if stopping.is_set():
                control.should_save = control.should_training_stop = True
            elif self.trainer.timer.due(state.global_step) and state.global_step < state.max_steps:
                control.should_save = True
            fields = {"tokens_per_second": round(self.speed(), 1)}
            if self.loss is not None:
                fields["loss"] = self.loss
            self.progress(state.global_step, **fields)

        def on_epoch_end(self, args, state, control, **kwargs):
            # Who stops it waits for it: a validation over all rows would come now, and be made again after the resumption.
            if control.should_training_stop and stopping.is_set() and state.global_step < state.max_steps:
                control.should_evaluate = False

        def on_evaluate(self, args, state, control, **kwargs):
            early = self.trainer.early
            if not early:
                return
            early.measured(state.global_step, kwargs["metrics"]["eval_loss"], self.trainer.model)
            if early.stopped:
                # A checkpoint after the last step would have no step to go on with; from the one before, a killed run comes here again.
                control.should_training_stop, control.should_save = True, False

        def speed(self) -> float:
            return self.trainer.tokens / max(1e-9, time.monotonic() - self.start)

        def on_log(self, args, state, control, logs=None, **kwargs):
            logs = logs or {}
            line = {"step": state.global_step, "epoch": round(state.epoch or 0.0, 3)}
            if "loss" in logs:
                self.loss = round(float(logs["loss"]), 4)
                line.update({key: float(logs[key]) for key in ("loss", "grad_norm", "learning_rate") if key in logs})
                line["tokens_per_second"] = round(self.speed(), 1)
            if "eval_loss" in logs:
                line["validation_loss"] = float(logs["eval_loss"])
                if not any(key.startswith("eval_rewards") for key in logs):
                    line["perplexity"] = perplexity(line["validation_loss"])
            line.update({key.replace("eval_", "validation_").replace("/", "_"): float(value) for key, value in logs.items() if "rewards" in key})
            if len(line) > 2:
                metrics.add(**line)

    return Events()


def train(trainer, events, metrics: Metrics, fingerprint: str) -> None:
    """Trains to the end, or to where it stops early, from the newest complete checkpoint. @raises Interrupted after SIGTERM, with a checkpoint written.

    transformers returns normally from a stopped training; a half-trained model must not pass for a finished one.
    """
    work = Path(trainer.args.output_dir)
    trainer.fingerprint, trainer.metrics_file, events.trainer = fingerprint, metrics, trainer
    found = checkpoint.newest(work, fingerprint)
    metrics.restore(found[1] / "metrics.jsonl" if found else work / "none", found[0] if found else 0)
    if found:
        log(f"resumed from step {found[0]}")
    with checkpoint.reading(found[1] if found else None):
        if found and trainer.early:
            trainer.early.restore(found[1])
        trainer.train(resume_from_checkpoint=str(found[1]) if found else None)
    if trainer.state.global_step < trainer.state.max_steps and not (trainer.early and trainer.early.stopped):
        if stopping.is_set():
            raise Interrupted()
        raise RuntimeError(f"training ended at step {trainer.state.global_step} of {trainer.state.max_steps}")


def common_arguments(spec, device: str, precision: str, logging_steps: int) -> dict:
    """TrainingArguments that SFT and DPO share, each with its reason where it is not plain."""
    return dict(
        output_dir=str(spec.work),
        seed=spec.seed,
        data_seed=spec.seed,
        use_cpu=device == "cpu",
        bf16=precision == "bf16",
        fp16=precision == "fp16",
        gradient_checkpointing=False,  # TRL turns it on; small models have the memory and not the time
        max_length=None,  # rows were measured before; nothing is cut silently
        logging_steps=logging_steps,
        save_strategy="no",  # by time, in the callback
        eval_strategy="epoch",
        report_to="none",
        disable_tqdm=True,
        dataloader_pin_memory=device == "cuda",
        torch_compile=False,
    )
