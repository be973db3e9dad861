"""The download of a base, against a stand-in that speaks the hub's protocol."""

import http.server
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

DOWNLOAD = Path(__file__).parents[2] / "trainers" / "download.py"
COMMIT = "a" * 40
FILES = {"config.json": b'{"model_type": "llama"}', "model.safetensors": b"w" * 3_000_000, "tokenizer.json": b"{}", "pytorch_model.bin": b"a pickle", "modeling_own.py": b"print('code')", "tokenizer_own.py": b"print('code')", "vocab.pkl": b"a pickle", "original/model.safetensors": b"twice"}


class Hub(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_GET(self):
        path = self.path.split("?")[0]
        if "gated" in path:
            return self.answer(403, X_Error_Code="GatedRepo")
        if path.startswith("/api/models/maker/small/tree/"):
            entries = [{"type": "file", "path": name, "size": len(content), "oid": name} for name, content in FILES.items()]
            return self.answer(200, json.dumps(entries).encode(), Content_Type="application/json")
        if path in ("/api/models/maker/small", f"/api/models/maker/small/revision/{COMMIT}"):
            siblings = [{"rfilename": name, "size": len(content)} for name, content in FILES.items()]
            return self.answer(200, json.dumps({"id": "maker/small", "modelId": "maker/small", "sha": COMMIT, "siblings": siblings}).encode(), Content_Type="application/json")
        name = path.removeprefix(f"/maker/small/resolve/{COMMIT}/")
        if name in FILES:
            return self.answer(200, FILES[name], X_Repo_Commit=COMMIT, ETag=f'"{name}"')
        self.answer(404, X_Error_Code="RepoNotFound")

    do_HEAD = do_GET


@pytest.fixture
def hub():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def download(tmp_path, endpoint, hub_id, **spec):
    file = tmp_path / "spec.json"
    file.write_text(json.dumps({"stage": "download", "hub": hub_id, **spec}))
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "HF_HOME": str(tmp_path / "hf"), "HF_ENDPOINT": endpoint, "HF_HUB_OFFLINE": "0", "HF_HUB_DISABLE_XET": "1", "HF_HUB_ETAG_TIMEOUT": "5"}
    done = subprocess.run([sys.executable, DOWNLOAD, file], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def test_only_weights_tokenizer_and_configuration_are_fetched_and_the_commit_is_named(tmp_path, hub):
    code, events, errors = download(tmp_path, hub, "maker/small")
    assert code == 0, errors
    assert events[-1]["event"] == "result" and events[-1]["revision"] == COMMIT
    assert sorted(file.name for file in Path(events[-1]["path"]).iterdir()) == ["config.json", "model.safetensors", "tokenizer.json"]


def test_what_was_fetched_once_serves_without_the_network(tmp_path, hub):
    first = download(tmp_path, hub, "maker/small")[1][-1]
    code, events, errors = download(tmp_path, "http://127.0.0.1:9", "maker/small", revision=COMMIT)
    assert code == 0, errors
    assert (events[-1]["path"], events[-1]["revision"]) == (first["path"], COMMIT)


@pytest.mark.parametrize("name, exit_code, kind, words", [
    ("maker/gated", 1, "NeedsPerson", "is gated"),
    ("maker/smal", 64, "BadInput", "has no model maker/smal"),
    ("not a hub id/x", 64, "BadInput", "no hub id"),
])
def test_a_base_that_cannot_be_had_is_one_clear_sentence(tmp_path, hub, name, exit_code, kind, words):
    code, events, errors = download(tmp_path, hub, name)
    assert (code, events[-1]["event"], events[-1]["type"]) == (exit_code, "error", kind), errors
    assert words in events[-1]["message"]


def test_no_network_is_said_so(tmp_path):
    code, events, _ = download(tmp_path, "http://127.0.0.1:9", "maker/small")
    assert code == 1 and events[-1]["type"] == "NeedsPerson" and "could not be reached" in events[-1]["message"]
