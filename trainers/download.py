"""Fetches a base model from the hub: weights, tokenizer and configuration, nothing that runs.

    python trainers/download.py spec.json

Spec: {"stage": "download", "hub": "owner/name", "revision": "<commit>"?}. The commit that the name meant is recorded in
the result, and is what a later run asks for again. Interrupted downloads go on where they stopped. HF_TOKEN reaches
this process only.
"""

from __future__ import annotations

import dataclasses
import errno
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from protocol import NeedsPersonError, Progress, SpecError, emit, fullest, is_full, serve

# Pickles and code of the model's own are never fetched; a second copy of the weights (original/, onnx/) neither.
WANTED = ["*.safetensors", "*.safetensors.index.json", "config.json", "generation_config.json", "tokenizer*", "special_tokens_map.json", "added_tokens.json", "vocab.*", "merges.txt", "*.jinja", "LICENSE*"]
UNWANTED = ["original/*", "onnx/*", "*/*", "*.py", "*.bin", "*.pt", "*.pth", "*.pkl", "*.pickle"]


@dataclasses.dataclass
class Spec:
    hub: str
    stage: str = "download"
    revision: str | None = None


def main(spec: Spec) -> dict:
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.utils import filter_repo_objects, disable_progress_bars

    disable_progress_bars()
    emit("progress", message=f"asking the hub for {spec.hub}", step=0, steps=1)
    with clear_errors(spec):
        try:
            info = HfApi().model_info(spec.hub, revision=spec.revision, files_metadata=True, timeout=20)
        except Exception as error:
            # Without the network the copy of an earlier run will do.
            path = cached(spec) if offline(error) else None
            if path is None:
                raise
            print(f"The hub did not answer ({type(error).__name__}); using the copy at {path}.", file=sys.stderr)
            return {"path": path, "revision": Path(path).name}
        files = list(filter_repo_objects(info.siblings, allow_patterns=WANTED, ignore_patterns=UNWANTED, key=lambda file: file.rfilename))
        if not any(file.rfilename.endswith(".safetensors") for file in files):
            raise SpecError(f"{spec.hub} has no weights in safetensors form; other forms can run code when they are loaded. Choose another base (`clitron bases`).")
        total = sum(file.size or 0 for file in files)
        need_disk(total)
        path = snapshot_download(spec.hub, revision=info.sha, allow_patterns=WANTED, ignore_patterns=UNWANTED, tqdm_class=bar(Progress(f"downloading {spec.hub} (megabytes)", max(1, total // 10**6))))
    return {"path": path, "revision": info.sha, "bytes": total}


def cached(spec: Spec) -> str | None:
    from huggingface_hub import snapshot_download

    try:
        path = snapshot_download(spec.hub, revision=spec.revision, allow_patterns=WANTED, ignore_patterns=UNWANTED, local_files_only=True)
    except Exception:
        return None
    return path if any(Path(path).glob("*.safetensors")) and Path(path, "config.json").is_file() else None


def need_disk(total: int) -> None:
    import shutil

    from huggingface_hub.constants import HF_HUB_CACHE

    folder = Path(HF_HUB_CACHE)
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if free < total * 1.05:
        raise NeedsPersonError(f"The download needs {total / 1e9:.1f} GB in {HF_HUB_CACHE}; only {free / 1e9:.1f} GB are free. Free some space, or set HF_HOME to a folder on a larger disk.")


def bar(progress: Progress):
    """A tqdm that counts bytes (and ignores the count of files) into progress events."""
    from tqdm.auto import tqdm

    done = 0

    class Bar(tqdm):
        def __init__(self, *arguments, **options):
            self.bytes = options.get("unit") == "B"
            options["disable"] = True
            options.pop("name", None)
            super().__init__(*arguments, **options)

        def update(self, n=1):
            nonlocal done
            if self.bytes and n:
                done += n
                progress(min(progress.steps, int(done / 1e6)))

    return Bar


class clear_errors:
    """Turns the hub's errors into one sentence a person can act on."""

    def __init__(self, spec: Spec):
        self.spec = spec

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if error is None or isinstance(error, (SpecError, NeedsPersonError)):
            return False
        from huggingface_hub import errors

        hub = self.spec.hub
        token = "the account of HF_TOKEN" if os.environ.get("HF_TOKEN") else "you (no HF_TOKEN is set)"
        if isinstance(error, errors.GatedRepoError):
            raise NeedsPersonError(f"{hub} is gated, and its owner has not given it to {token}. Accept the licence at https://huggingface.co/{hub}, set HF_TOKEN to a token of that account (and run `clitron down` once, so that the worker sees it), then go on.") from None
        if isinstance(error, errors.RevisionNotFoundError):
            raise SpecError(f"{hub} has no revision {self.spec.revision} any more. Remove the file bases/{hub}.json in the store (.clitron/store, or CLITRON_STORE) and start the run again, which takes the newest.") from None
        if isinstance(error, errors.RepositoryNotFoundError):
            raise SpecError(f"The hub has no model {hub} that {token} may see. Check the spelling (`clitron bases` lists some); a private one needs HF_TOKEN.") from None
        if isinstance(error, errors.HfHubHTTPError) and getattr(error.response, "status_code", 0) in (401, 403):
            raise NeedsPersonError(f"The hub refused HF_TOKEN for {hub} ({error.response.status_code}). Set a valid token, or unset it for models that are not gated.") from None
        if isinstance(error, errors.HFValidationError):
            raise SpecError(f"{hub!r} is no hub id; expected owner/name.") from None
        from huggingface_hub.constants import HF_HUB_CACHE

        if is_full(error, fullest([HF_HUB_CACHE])):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(Path(HF_HUB_CACHE) / hub)) from error
        if offline(error):
            raise NeedsPersonError(f"The model hub could not be reached for {hub} ({str(error).splitlines()[0][:160]}). Connect to the network and go on; or give --base a folder with the model; or leave --base away for the model that needs no download.") from None
        return False


def offline(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, (ConnectionError, TimeoutError)) or any(word in type(error).__name__ for word in ("Connect", "Timeout", "Offline", "LocalEntryNotFound", "ProxyError", "NetworkError")):
            return True
        error = error.__cause__ or error.__context__
    return False


if __name__ == "__main__":
    os.environ.setdefault("HF_HUB_OFFLINE", "0")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    serve(main, Spec, __doc__)
