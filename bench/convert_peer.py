"""llama.cpp's converter for a model from scratch: the other side of bench/export.ts.

    python bench/convert_peer.py CONVERT_HF_TO_GGUF MODEL --outfile FILE --outtype f16

The converter knows pre-tokenizers by a hash of what some text is cut into, so it refuses every tokenizer that is trained
here. It is told the name of ours; all else is its own work.
"""

import runpy
import sys
from pathlib import Path

script = Path(sys.argv[1])
sys.argv = sys.argv[1:]
sys.path[:0] = [str(script.parent), str(script.parent / "gguf-py")]

from conversion.base import TextModel  # noqa: E402

TextModel.get_vocab_base_pre = lambda self, tokenizer: "smollm"
runpy.run_path(str(script), run_name="__main__")
print("{}")
