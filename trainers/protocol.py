"""The protocol every trainer speaks with its parent (src/process/protocol.ts is the other end).

In: one JSON spec file, its path the only argument. Out: one JSON object a line on stdout; everything else goes to
stderr. End of stdin means that the parent is gone: exit. SIGTERM means: checkpoint, exit 75.
"""

from __future__ import annotations

import argparse
import dataclasses
import difflib
import errno
import json
import os
import re
import shutil
import signal
import sys
import threading
import time
import traceback
import types
import typing
from pathlib import Path

DONE, FAILED, BAD_SPEC, BAD_DATA, INTERRUPTED = 0, 1, 64, 65, 75
_TOO_SMALL = "The GPU's memory does not suffice for this training. Set a smaller per_device_train_batch_size in training/configs/sft_config.yaml (dpo_config.yaml for DPO; batch_size in scratch_config.yaml), choose a smaller base (`clitron bases`) or end what else uses the GPU; then give the same command again."


class SpecError(Exception):
    """The spec cannot be run as it stands; retrying is useless (exit 64)."""


class DataError(Exception):
    """A data file is wrong; the message names the file and the line (exit 65)."""


class NeedsPersonError(Exception):
    """Something outside must change first (disk, memory)."""


class Interrupted(BaseException):
    """SIGTERM arrived and the work so far is saved (exit 75). Not an Exception, so that no library swallows it."""


# SIGTERM sets this; a trainer looks at it after each step, checkpoints and raises Interrupted.
stopping = threading.Event()
# A trainer sets this when it begins to look. Until then, and in stages without checkpoints, there is nothing to save: SIGTERM ends them at once.
saves_itself = threading.Event()

_out: typing.TextIO | None = None
_lock = threading.Lock()


def emit(event: str, **fields) -> None:
    """Writes one event line. NaN and infinities become null, which JSON has and they have not."""
    clean = {key: None if isinstance(value, float) and (value != value or abs(value) == float("inf")) else value for key, value in fields.items()}
    with _lock:
        print(json.dumps({"event": event, **clean}, ensure_ascii=False), file=_out or sys.stdout, flush=True)


def log(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


class Progress:
    """`progress` events at most every `interval` seconds, with tokens per second and the time left."""

    def __init__(self, message: str, steps: int, step: int = 0, interval: float = 1.0):
        self.message, self.steps, self.interval = message, steps, interval
        self.start, self.first_step, self.last = time.monotonic(), step, float("-inf")

    def __call__(self, step: int, **fields) -> None:
        now = time.monotonic()
        if now - self.last < self.interval and step < self.steps:
            return
        self.last = now
        done = step - self.first_step
        eta = (now - self.start) / done * (self.steps - step) if done > 0 else None
        if eta is not None:
            fields["eta_seconds"] = round(eta, 1)
        emit("progress", message=self.message, step=step, steps=self.steps, **fields)


def _own_stdout() -> None:
    """Keeps a private copy of stdout for events and points fd 1 at stderr: libraries print where they like."""
    global _out
    if _out is None:
        sys.stdout.flush()
        _out = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)


def _watch_stdin() -> None:
    # A SIGKILLed worker leaves its children running; the pipe to them closes, which is all they can see of it.
    # /dev/null is no parent's pipe: a person or a script started this by hand.
    if os.path.samestat(os.fstat(0), os.stat(os.devnull)):
        return

    def watch() -> None:
        while os.read(0, 4096):
            pass
        os._exit(INTERRUPTED)

    threading.Thread(target=watch, daemon=True, name="stdin-watchdog").start()


def _on_sigterm() -> None:
    def handler(*_):
        stopping.set()
        if not saves_itself.is_set():
            raise Interrupted()

    signal.signal(signal.SIGTERM, handler)


def serve(run: typing.Callable, spec_type: type, doc: str | None) -> None:
    """Runs `run(spec)` under the protocol and exits. Its return value becomes the `result` event."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("spec", help="path of the JSON spec file")
    arguments = parser.parse_args()
    _own_stdout()
    _watch_stdin()
    _on_sigterm()
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # a base is a folder that `clitron` has fetched before
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    # Threads that wait sleep: on a machine whose cores others use as well, spinning ones hold up the one that works.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    spec = None
    try:
        spec = read_spec(Path(arguments.spec), spec_type)
        emit("result", **run(spec))
        code = DONE
    except Interrupted:
        emit("error", type="Interrupted", message="Stopped on request; the newest checkpoint is complete, and the same spec goes on from it.")
        code = INTERRUPTED
    except SpecError as error:
        emit("error", type="BadInput", message=str(error))
        code = BAD_SPEC
    except DataError as error:
        emit("error", type="BadInput", message=str(error))
        code = BAD_DATA
    except NeedsPersonError as error:
        emit("error", type="NeedsPerson", message=str(error))
        code = FAILED
    except Exception as error:
        traceback.print_exc()
        place = fullest([error.filename] if isinstance(getattr(error, "filename", None), str) else [arguments.spec, *paths_of(spec)])
        if is_full(error, place):
            emit("error", type="Unavailable", message=f"The disk is full: {place} has {shutil.disk_usage(place).free} bytes free ({str(error)[:300]}). Free some space; the run goes on by itself.")
            code = FAILED
        # As CUDA (torch.OutOfMemoryError among others) and MPS say it. Tried again it would end the same.
        elif isinstance(error, RuntimeError) and "out of memory" in str(error):
            emit("error", type="BadInput", message=_TOO_SMALL)
            code = BAD_SPEC
        else:
            emit("error", type="TrainerError", message=str(error) if isinstance(error, OSError) else f"{type(error).__name__}: {error}"[:2000])
            code = FAILED
    sys.stderr.flush()
    # Not sys.exit: threads of native libraries must not keep a finished trainer alive.
    os._exit(code)


# In the words of the system and of safetensors.
_no_room = re.compile(r"No space left on device|Disk quota exceeded")
# Of torch's archives, of numpy, of llama.cpp's C++ streams, which say the same of every write that fails.
_cut_short = re.compile(r"PytorchStreamWriter failed|unexpected pos \d+ vs \d+|\d+ requested and \d+ written|iostream error")
_hardly_any = 100_000_000


def paths_of(spec) -> list[Path]:
    return [value for value in vars(spec).values() if isinstance(value, Path)] if spec else []


def fullest(paths) -> Path:
    """Of the folders where these stand or will stand, that with the least room. What cannot be written was not written to."""
    folders = [next(folder for folder in (path, *path.parents) if folder.is_dir()) for path in (Path(path).absolute() for path in paths)]
    return min((folder for folder in folders if os.access(folder, os.W_OK)), key=lambda folder: shutil.disk_usage(folder).free, default=folders[0])


def is_full(error: BaseException, place: Path) -> bool:
    """Whether a write at `place` found no room: only Python's own file functions say so by a number."""
    if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT) or _no_room.search(str(error)):
        return True
    return bool(_cut_short.search(str(error))) and shutil.disk_usage(place).free < _hardly_any


def read_spec(path: Path, spec_type: type):
    """@raises SpecError when the file is not the JSON object that `spec_type` (a dataclass) describes."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SpecError(f"The spec {path} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise SpecError(f"The spec {path} is not JSON: {error}.") from None
    return typed(data, spec_type, str(path))


def typed(data, cls: type, where: str, extra: bool = False):
    """Builds dataclass `cls` from a JSON object; every complaint names the key, what was expected and what was found."""
    if not isinstance(data, dict):
        raise SpecError(f"{where}: expected an object, found {_shown(data)}.")
    hints = typing.get_type_hints(cls)
    fields = {field.name: field for field in dataclasses.fields(cls)}
    for key in data:
        if key not in fields and not extra:
            close = difflib.get_close_matches(key, fields, n=1)
            raise SpecError(f"{where}: unknown key {key!r}" + (f"; did you mean {close[0]!r}?" if close else f"; the keys are {', '.join(fields)}."))
    values = {}
    for name, field in fields.items():
        if name in data:
            values[name] = _coerce(data[name], hints[name], f"{where}: {name}")
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise SpecError(f"{where}: the key {name!r} is missing.")
    return cls(**values)


def _coerce(value, hint, where: str):
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        if value is None and type(None) in arguments:
            return None
        return _coerce(value, next(a for a in arguments if a is not type(None)), where)
    if origin is typing.Literal:
        if value not in arguments:
            raise SpecError(f"{where}: expected one of {', '.join(map(str, arguments))}; found {_shown(value)}.")
        return value
    if dataclasses.is_dataclass(hint):
        return typed(value, hint, where)
    if origin is list:
        if not isinstance(value, list):
            raise SpecError(f"{where}: expected a list, found {_shown(value)}.")
        return [_coerce(item, arguments[0], f"{where}[{index}]") for index, item in enumerate(value)]
    if hint is Path and isinstance(value, str) and value:
        return Path(value)
    if hint is float and isinstance(value, str):
        # PyYAML reads `2e-5` as a string (YAML 1.1 wants 2.0e-5); people write it that way, the specification too.
        try:
            return float(value)
        except ValueError:
            pass
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(hint, type) and isinstance(value, hint) and not (hint in (int, float) and isinstance(value, bool)):
        return value
    raise SpecError(f"{where}: expected {getattr(hint, '__name__', hint)}, found {_shown(value)}.")


def _shown(value) -> str:
    return json.dumps(value, ensure_ascii=False)[:80]
