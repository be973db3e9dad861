"""Checkpoints that are complete or do not exist.

A folder is written under a temporary name, every file synced and listed with its hash in manifest.json, then renamed.
transformers' own checkpoints are written in place, and a broken newest one is chosen again and again.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from files import sha256, sync
from protocol import DataError, NeedsPersonError, emit, log

KEPT = 2
FOREIGN = "it belongs to another run (data, configuration or seed differ)"
# Times as long as the last save took to the next one: saving then costs at most a twentieth of the training.
SPACING = 20
_name = re.compile(r"checkpoint-(\d+)$")


def folder(work: Path, step: int) -> Path:
    return work / f"checkpoint-{step:08d}"


def save(work: Path, step: int, fingerprint: str, write: Callable[[Path], None]) -> Path:
    """`write` fills a folder; it becomes work/checkpoint-<step>. Emits `checkpoint`; keeps the two newest.

    `fingerprint` names what is trained (data, configuration, seed): a checkpoint of something else is not resumed.
    """
    work.mkdir(parents=True, exist_ok=True)
    final = folder(work, step)
    temporary = work / f".{final.name}.{os.getpid()}.tmp"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    write(temporary)
    files = sorted(path for path in temporary.rglob("*") if path.is_file())
    for file in files:
        sync(file)
    manifest = {
        "step": step,
        "fingerprint": fingerprint,
        "files": [{"path": file.relative_to(temporary).as_posix(), "bytes": file.stat().st_size, "sha256": sha256(file)} for file in files],
    }
    manifest_file = temporary / "manifest.json"
    manifest_file.write_text(json.dumps(manifest, indent=1))
    sync(manifest_file)
    for directory in (p for p in temporary.rglob("*") if p.is_dir()):
        sync(directory)
    sync(temporary)
    if final.exists():
        shutil.rmtree(final)
    os.rename(temporary, final)
    sync(work)
    own = [path for path in _folders(work) if _fingerprint(path) == fingerprint]
    for old in own[KEPT:]:
        shutil.rmtree(old, ignore_errors=True)
    emit("checkpoint", step=step, path=str(final))
    return final


class Timer:
    """When the next checkpoint is due: `seconds` after the end of the last one or `steps` after it, whichever comes first, but
    later where saving takes long; with 0 seconds after every step. `step`: where the training begins."""

    def __init__(self, seconds: float, steps: int | None = None, step: int = 0):
        self.seconds, self.steps = seconds, steps
        self.saved_at, self.saved_step, self.least = time.monotonic(), step, 0.0

    def due(self, step: int) -> bool:
        passed = time.monotonic() - self.saved_at
        return passed > self.least and (passed > self.seconds or (self.steps is not None and step - self.saved_step >= self.steps))

    @contextlib.contextmanager
    def saving(self, step: int):
        """Around a save, which it measures."""
        start = time.monotonic()
        yield
        self.saved_at, self.saved_step = time.monotonic(), step
        self.least = SPACING * (self.saved_at - start) if self.seconds else 0.0


def newest(work: Path, fingerprint: str) -> tuple[int, Path] | None:
    """The newest checkpoint that verifies, as (step, folder); broken and foreign ones are named on stderr and passed over.

    Broken ones go when there is one to fall back on: with their higher numbers they would count among the two that are
    kept, in the place of one that is whole.

    @raises NeedsPersonError when there are broken ones and none is left: to begin again from step 0 is a person's decision.
    """
    for left in work.glob(".checkpoint-*.tmp"):  # by a trainer that was killed while it saved
        shutil.rmtree(left, ignore_errors=True)
    broken: dict[Path, str] = {}
    for path in _folders(work):
        problem = verify(path, fingerprint)
        if problem is None:
            for each in broken:
                shutil.rmtree(each, ignore_errors=True)
            return int(_name.search(path.name).group(1)), path
        log(f"checkpoint {path} is not used: {problem}")
        if problem != FOREIGN:
            broken[path] = problem
    if broken:
        found = "; ".join(f"{path.name}: {problem}" for path, problem in broken.items())
        raise NeedsPersonError(
            f"No checkpoint in {work} can be used ({found}). Remove that folder, then resume: the training goes on from the copy in the artifact store where there is one, else from step 0."
        )
    return None


def _fingerprint(path: Path) -> str | None:
    """Of what is trained, by a manifest that can be read."""
    try:
        return json.loads((path / "manifest.json").read_text())["fingerprint"]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def verify(path: Path, fingerprint: str) -> str | None:
    """None when complete and unharmed, else what is wrong with which file."""
    try:
        manifest = json.loads((path / "manifest.json").read_text())
        entries = [(entry["path"], entry["bytes"], entry["sha256"]) for entry in manifest["files"]]
    except OSError:
        return "manifest.json is missing"
    except (ValueError, KeyError, TypeError):
        return "manifest.json is damaged"
    if manifest.get("fingerprint") != fingerprint:
        return FOREIGN
    for name, size, digest in entries:
        file = path / name
        if not file.is_file():
            return f"{name} is missing"
        if file.stat().st_size != size:
            return f"{name} has {file.stat().st_size} bytes, {size} were written"
        if sha256(file) != digest:
            return f"{name} differs from its hash"
    return None


@contextlib.contextmanager
def reading(path: Path | None):
    """Around the reading of a checkpoint. Optimizer and generator states are pickles, read by `weights_only=True`: one that
    names code is refused. A hash protects from damage, not from whoever can write the manifest as well. @raises DataError"""
    try:
        yield
    except pickle.UnpicklingError as error:
        raise DataError(f"The checkpoint {path} holds a pickle that would run code when it is read, so it is not read ({str(error).splitlines()[0][:200]}). Remove that folder and run the same again.") from None


def _folders(work: Path) -> list[Path]:
    """Checkpoint folders, newest first: by number, for by name checkpoint-900 would come after checkpoint-1000."""
    if not work.is_dir():
        return []
    return sorted((p for p in work.iterdir() if p.is_dir() and _name.match(p.name)), key=lambda p: int(_name.match(p.name).group(1)), reverse=True)
