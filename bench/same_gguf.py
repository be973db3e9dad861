"""Whether two GGUF files hold the same model: prints {"tensors", "parameters", "different"} as JSON.

    python bench/same_gguf.py FIRST.gguf SECOND.gguf

Compared are the tensors byte for byte, and what of the vocabulary decides how a text is cut. Names, licences and other
words for people may differ.
"""

import json
import sys

import gguf
import numpy as np

VOCABULARY = [f"tokenizer.ggml.{key}" for key in ("model", "pre", "tokens", "token_type", "merges", "bos_token_id", "eos_token_id")]


def main(first: str, second: str) -> None:
    sides = [gguf.GGUFReader(path) for path in (first, second)]
    fields = [{key: side.fields[key].contents() for key in VOCABULARY if key in side.fields} for side in sides]
    tensors = [{tensor.name: tensor for tensor in side.tensors} for side in sides]
    different = [key for key in VOCABULARY if fields[0].get(key) != fields[1].get(key)]
    different += sorted(tensors[0].keys() ^ tensors[1].keys())
    different += [name for name, tensor in tensors[0].items() if name in tensors[1] and not same(tensor, tensors[1][name])]
    print(json.dumps({"tensors": len(tensors[0]), "parameters": int(sum(tensor.n_elements for tensor in sides[0].tensors)), "different": different}))


def same(one, other) -> bool:
    return one.tensor_type == other.tensor_type and one.shape.tolist() == other.shape.tolist() and np.array_equal(one.data, other.data)


if __name__ == "__main__":
    main(*sys.argv[1:])
