"""llama.cpp's own tools, of the version that also serves: its converter, and quantization through its shared library.

    python trainers/llama_cpp.py LIBRARY SOURCE.gguf TARGET.gguf q4_k_m      (the child process of `quantize`)
"""

from __future__ import annotations

import ctypes
import difflib
import os
import re
import struct
import subprocess
import sys
from pathlib import Path

import base
import spm_model
from files import whole_file
from protocol import DataError, Interrupted, Progress, SpecError, log, stopping

# enum llama_ftype of include/llama.h, under the names of `llama-quantize` (tools/quantize/quantize.cpp).
FILE_TYPES = {
    "f32": 0, "f16": 1, "q4_0": 2, "q4_1": 3, "q8_0": 7, "q5_0": 8, "q5_1": 9, "q2_k": 10, "q3_k_s": 11, "q3_k_m": 12,
    "q3_k_l": 13, "q4_k_s": 14, "q4_k_m": 15, "q5_k_s": 16, "q5_k_m": 17, "q6_k": 18, "iq2_xxs": 19, "iq2_xs": 20,
    "q2_k_s": 21, "iq3_xs": 22, "iq3_xxs": 23, "iq1_s": 24, "iq4_nl": 25, "iq3_s": 26, "iq3_m": 27, "iq2_s": 28,
    "iq2_m": 29, "iq4_xs": 30, "iq1_m": 31, "bf16": 32, "tq1_0": 36, "tq2_0": 37, "mxfp4_moe": 38, "q1_0": 40, "q2_0": 41,
}  # fmt: skip
_ALIASES = {"q3_k": "q3_k_m", "q4_k": "q4_k_m", "q5_k": "q5_k_m"}
# llama.cpp refuses these without an importance matrix (src/llama-quant.cpp), which is not made here.
_NEED_IMATRIX = {"iq2_xxs", "iq2_xs", "iq2_s", "iq1_s", "iq1_m", "q2_k_s"}
# The row length that K-quants need; shorter rows fall back to other types.
K_QUANT_ROW = 256


def file_type(quant: str) -> str:
    """The canonical name. @raises SpecError with the nearest name when there is none such."""
    name = quant.lower()
    name = _ALIASES.get(name, name)
    if name not in FILE_TYPES:
        close = difflib.get_close_matches(name, FILE_TYPES, n=1)
        raise SpecError(f"quant: llama.cpp has no file type {quant!r}" + (f"; did you mean {close[0]!r}?" if close else f"; it has {', '.join(FILE_TYPES)}."))
    if name in _NEED_IMATRIX:
        raise SpecError(f"quant: {name} needs an importance matrix, which Clitron does not make; q2_k and iq3_xxs are the smallest types without one.")
    return name


def read_header(path: Path) -> dict:
    """{"version", "tensors", "entries"} of a GGUF file. @raises DataError when it is not one, or is cut short."""
    try:
        with open(path, "rb") as file:
            head = file.read(24)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from None
    if len(head) < 24 or head[:4] != b"GGUF":
        raise DataError(f"{path} is not a GGUF file: it begins with {head[:4]!r}, expected b'GGUF'.")
    version, tensors, entries = struct.unpack("<IQQ", head[4:])
    if version not in (2, 3):
        raise DataError(f"{path} is GGUF version {version}; 2 and 3 can be read.")
    return {"version": version, "tensors": tensors, "entries": entries}


def convert(script: Path, model: Path, target: Path, name: str) -> None:
    """`convert_hf_to_gguf.py` as a child: F16, the training's name as the model's."""
    if not script.is_file():
        raise SpecError(f"llama_cpp.convert: {script} does not exist; `clitron doctor` fetches llama.cpp's sources.")
    base.check(model)  # the script itself would run a tokenizer's own code
    with whole_file(target) as temporary, spm_model.beside(model):
        # The script finds the gguf package of its own version beside itself; the environment's may be older.
        _child([sys.executable, str(script), str(model), "--outfile", str(temporary), "--outtype", "f16", "--model-name", name], "converting to GGUF", "convert_hf_to_gguf.py")
        read_header(temporary)


def quantize(library: Path, source: Path, target: Path, quant: str) -> None:
    """`llama_model_quantize` in a child process, for a failed assertion inside the library aborts the process."""
    if not library.is_file():
        raise SpecError(f"llama_cpp.library: {library} does not exist; reinstall the npm packages (`npm ci`).")
    read_header(source)
    with whole_file(target) as temporary:
        _child([sys.executable, __file__, str(library), str(source), str(temporary), quant], f"quantizing to {quant.upper()}", "llama_model_quantize")
        read_header(temporary)


_count = re.compile(r"\[\s*(\d+)/\s*(\d+)\]|(\d+)%\|")


def _child(command: list[str], message: str, tool: str) -> None:
    """Runs a tool whose output goes to our stderr; its counters become progress events. @raises RuntimeError with its last lines."""
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    tail: list[str] = []
    progress: Progress | None = None
    try:
        buffer = ""
        while chunk := os.read(child.stdout.fileno(), 4096).decode(errors="replace"):
            lines = re.split(r"[\r\n]", buffer + chunk)
            buffer = lines.pop()
            for line in filter(None, lines):
                tail = [*tail[-14:], line]
                found = list(_count.finditer(line))
                if found:
                    step, steps, percent = found[-1].groups()
                    progress = progress or Progress(message, int(steps or 100))
                    progress(int(step or percent))
                else:
                    log(line)
        code = child.wait()
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()
    if stopping.is_set():
        raise Interrupted()
    if code != 0:
        raise RuntimeError(f"{tool} failed (exit {code}): " + " | ".join([*tail[-5:], buffer.strip()]).strip(" |"))


class QuantizeParams(ctypes.Structure):
    """struct llama_model_quantize_params of include/llama.h, 64 bytes."""

    _fields_ = [
        ("nthread", ctypes.c_int32),
        ("ftype", ctypes.c_int32),
        ("output_tensor_type", ctypes.c_int32),
        ("token_embedding_type", ctypes.c_int32),
        ("allow_requantize", ctypes.c_bool),
        ("quantize_output_tensor", ctypes.c_bool),
        ("only_copy", ctypes.c_bool),
        ("pure", ctypes.c_bool),
        ("keep_split", ctypes.c_bool),
        ("dry_run", ctypes.c_bool),
        ("imatrix", ctypes.c_void_p),
        ("kv_overrides", ctypes.c_void_p),
        ("tt_overrides", ctypes.c_void_p),
        ("prune_layers", ctypes.c_void_p),
        ("max_buf_size", ctypes.c_size_t),
    ]


def default_params(llama) -> QuantizeParams:
    """The library's defaults, checked against what its source says: another layout would quantize to garbage.

    @raises RuntimeError when the library is of a version with another struct.
    """
    llama.llama_model_quantize_default_params.restype = QuantizeParams
    llama.llama_model_quantize_default_params.argtypes = []
    p = llama.llama_model_quantize_default_params()
    known = (
        p.nthread == 0
        and p.ftype == FILE_TYPES["q8_0"]
        and p.output_tensor_type == p.token_embedding_type > 30  # GGML_TYPE_COUNT
        and [p.allow_requantize, p.quantize_output_tensor, p.only_copy, p.pure, p.keep_split, p.dry_run] == [False, True, False, False, False, False]
        and not (p.imatrix or p.kv_overrides or p.tt_overrides or p.prune_layers)
        and p.max_buf_size == 8 << 30
    )
    if not known:
        raise RuntimeError("This libllama has another llama_model_quantize_params than trainers/llama_cpp.py expects; bring the structure in line with its include/llama.h.")
    return p


def load_library(path: Path):
    """libllama, after the ggml libraries that stand beside it."""
    folder = path.parent
    pending = [p for p in sorted(folder.glob("libggml*")) if "-cpu-" not in p.name and p.suffix in (".so", ".dylib", ".dll")]
    for _ in range(len(pending)):
        rest = []
        for library in pending:
            try:
                ctypes.CDLL(str(library), mode=ctypes.RTLD_GLOBAL)
            except OSError:
                rest.append(library)
        pending = rest
    return ctypes.CDLL(str(path))


def main(library: str, source: str, target: str, quant: str) -> int:
    llama = load_library(Path(library))
    params = default_params(llama)
    params.ftype = FILE_TYPES[quant]
    llama.llama_model_quantize.restype = ctypes.c_uint32
    llama.llama_model_quantize.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.POINTER(QuantizeParams)]
    return llama.llama_model_quantize(os.fsencode(source), os.fsencode(target), ctypes.byref(params))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
