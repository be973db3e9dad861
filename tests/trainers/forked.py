"""Trainings one after the other as forks of one process: the libraries' import takes longer than such a training.

    python tests/trainers/forked.py '[["sft", "sft.json", false], ["dpo", "dpo.json", true]]'
    python tests/trainers/forked.py -

Each is a trainer, its spec's file, and whether it is killed (-9) at its first checkpoint; with "-", one a line of the input.
One JSON line for each: exit code and last event.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys

import torch  # noqa: F401
import transformers.models.lfm2  # noqa: F401


def train(stage: str, spec: str, kill: bool) -> dict:
    if json.loads(open(spec).read()).get("base", "scratch") != "scratch":
        # What adapters take longest to load; here the next ones find it loaded.
        importlib.import_module("peft")
        importlib.import_module("trl")
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(write, 1)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.close(read)
        sys.argv[1:] = [spec]
        trainer = importlib.import_module(stage)
        trainer.serve(trainer.main, trainer.Spec, None)
    os.close(write)
    event = {}
    with open(read) as events:
        for line in events:
            event = json.loads(line)
            if kill and event["event"] == "checkpoint":
                os.kill(child, signal.SIGKILL)
    return {"code": os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), "last": event}


for training in map(json.loads, sys.stdin) if sys.argv[1] == "-" else json.loads(sys.argv[1]):
    print(json.dumps(train(*training)), flush=True)
