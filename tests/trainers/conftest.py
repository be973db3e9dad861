"""Trainers are tested as what they are: child processes with a spec file, a pipe as stdin, and JSON lines on stdout."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

# Beside other tests, threads that spin while they wait for each other take several times as long as one. Read when torch is loaded.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

ROOT = Path(__file__).resolve().parents[2]
TRAINERS = ROOT / "trainers"
sys.path[:0] = [str(TRAINERS), str(Path(__file__).parent)]


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: minutes long; run with -m slow")


def pytest_collection_modifyitems(config, items):
    if not config.getoption("-m"):
        for item in items:
            if "slow" in item.keywords:
                item.add_marker(pytest.mark.skip(reason="slow: run with -m slow"))


class Child:
    def __init__(self, script: Path, spec: dict, folder: Path):
        file = folder / f"{script.stem}.spec.json"
        file.write_text(json.dumps(spec, default=str))
        environment = {**os.environ, "PYTHONPATH": str(TRAINERS)}
        self.log = open(folder / f"{script.stem}.log", "w+")
        self.process = subprocess.Popen([sys.executable, str(script), str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True, env=environment)
        self.events: list[dict] = []

    def wait_for(self, event: str) -> dict:
        for line in self.process.stdout:
            self.events.append(json.loads(line))
            if self.events[-1]["event"] == event:
                return self.events[-1]
        raise AssertionError(f"no {event!r} came; events {self.events[-3:]}, log: {self.tail()}")

    def finish(self, timeout: float = 300) -> int:
        for line in self.process.stdout:
            self.events.append(json.loads(line))
        return self.process.wait(timeout)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def tail(self) -> str:
        self.log.flush()
        return Path(self.log.name).read_text()[-2000:]


@pytest.fixture
def start(tmp_path):
    """Starts a trainer; whatever happens, it is not left behind."""
    children: list[Child] = []

    def begin(script: str | Path, spec: dict) -> Child:
        children.append(Child(TRAINERS / f"{script}.py" if isinstance(script, str) else script, spec, tmp_path))
        return children[-1]

    yield begin
    for child in children:
        child.process.kill()
        child.process.wait()


@pytest.fixture(scope="session")
def warm(tmp_path_factory):
    """Runs trainers as forks of one process, which has loaded their libraries: (exit code and last event, what it logged)."""
    log = tmp_path_factory.mktemp("warm") / "log"
    with open(log, "w") as stderr:
        process = subprocess.Popen([sys.executable, Path(__file__).with_name("forked.py"), "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, text=True, env={**os.environ, "PYTHONPATH": str(TRAINERS)})

    def through(script: str, spec: Path, kill: bool) -> tuple[dict, str]:
        before = log.stat().st_size
        process.stdin.write(json.dumps([script, str(spec), kill]) + "\n")
        process.stdin.flush()
        result = json.loads(process.stdout.readline() or '{"code": "the process ended", "last": {}}')
        return result, log.read_bytes()[before:].decode(errors="replace")

    yield through
    process.stdin.close()
    process.wait(60)


@pytest.fixture
def run(warm, tmp_path):
    """Runs a trainer to its end and returns its last event. `code`: the exit code that is expected; of -9 it is killed at its first checkpoint."""

    def through(script: str, spec: dict, code: int = 0) -> dict:
        file = tmp_path / f"{script}.spec.json"
        file.write_text(json.dumps(spec, default=str))
        result, log = warm(script, file, kill=code == -signal.SIGKILL)
        (tmp_path / f"{script}.log").write_text(log)
        assert result["code"] == code, f"{result} {log[-2000:]}"
        return result["last"]

    return through


@pytest.fixture(scope="session")
def library() -> Path:
    found = sorted((ROOT / "node_modules" / "@node-llama-cpp").glob("*/bins/*/libllama.*"))
    native = [p for p in found if p.parent.name in (f"{'mac' if sys.platform == 'darwin' else 'linux'}-{'arm64-metal' if sys.platform == 'darwin' else 'x64'}",)]
    if not native:
        pytest.skip("node-llama-cpp's library is not installed (npm ci)")
    return native[0]


@pytest.fixture(scope="session")
def llama_cpp_sources(tmp_path_factory) -> Path:
    """llama.cpp's sources out of node-llama-cpp's npm package, from the user's cache where `clitron` has put them."""
    cache = Path(os.environ.get("CLITRON_CACHE") or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "clitron")
    for found in sorted((cache / "llama.cpp").glob("*/convert_hf_to_gguf.py")):
        return found.parent
    bundle = ROOT / "node_modules" / "node-llama-cpp" / "llama" / "gitRelease.bundle"
    if not bundle.is_file():
        pytest.skip("node-llama-cpp is not installed (npm ci)")
    target = tmp_path_factory.mktemp("llama") / "sources"
    subprocess.run(["git", "clone", "-q", str(bundle), str(target)], check=True, capture_output=True)
    return target


@pytest.fixture(scope="session")
def llama_header(tmp_path_factory) -> str:
    """include/llama.h of the llama.cpp inside node-llama-cpp's npm package; the set-up unpacks no more than the converter."""
    bundle = ROOT / "node_modules" / "node-llama-cpp" / "llama" / "gitRelease.bundle"
    repository = tmp_path_factory.mktemp("llama") / "git"
    subprocess.run(["git", "clone", "-q", "--bare", str(bundle), str(repository)], check=True, capture_output=True)
    return subprocess.run(["git", f"--git-dir={repository}", "show", "HEAD:include/llama.h"], check=True, capture_output=True, text=True).stdout


@pytest.fixture
def scratch_spec(tmp_path):
    """A small from-scratch training on synthetic rows."""
    import synthetic

    files = synthetic.write(tmp_path / "data", 200, 20)
    config = {
        "model": {"layers": "ca", "hidden_size": 64, "intermediate_size": 128, "num_attention_heads": 2, "vocab_size": 300},
        "training": {"steps": 30, "batch_size": 8, "warmup_steps": 4},
        "logging": {"logging_steps": 5, "eval_steps": 10},
    }
    return {
        "stage": "sft", "name": "demo", "base": "scratch", "train": files["train"], "validation": files["validation"], "pieces": files["pieces"],
        "config": config, "work": tmp_path / "work", "output": tmp_path / "sft", "device": "cpu", "precision": "fp32", "threads": 1,
    }  # fmt: skip
