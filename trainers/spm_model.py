"""tokenizer.model (SentencePiece) from tokenizer.json, for llama.cpp's converter.

transformers saves only tokenizer.json. From it alone the converter gives every piece of a SentencePiece vocabulary the
same score, and llama.cpp then merges otherwise than the trainer did: the model would be asked in tokens it never saw.
"""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path


@contextlib.contextmanager
def beside(folder: Path):
    """While the block runs, `folder` has a tokenizer.model if its tokenizer is of SentencePiece's kind (BPE with byte fallback)."""
    made, source = folder / "tokenizer.model", folder / "tokenizer.json"
    if made.exists() or not source.is_file():
        yield
        return
    tokenizer = json.loads(source.read_text(encoding="utf-8"))
    model = tokenizer["model"]
    if model.get("type") != "BPE" or not model.get("byte_fallback"):
        yield
        return
    made.write_bytes(build(tokenizer))
    try:
        yield
    finally:
        made.unlink(missing_ok=True)


def build(tokenizer: dict) -> bytes:
    """The serialized SentencePiece model. A piece's score is the rank of the first merge that makes it: both then merge alike."""
    from sentencepiece import sentencepiece_model_pb2 as spm

    kinds, model = spm.ModelProto.SentencePiece, tokenizer["model"]
    added = {token["content"]: token for token in tokenizer.get("added_tokens", [])}
    ids = {**model["vocab"], **{content: token["id"] for content, token in added.items()}}
    ranks: dict[str, int] = {}
    for rank, merge in enumerate(model["merges"]):
        ranks.setdefault("".join(merge) if isinstance(merge, list) else merge.replace(" ", "", 1), rank)
    unknown = model.get("unk_token") or "<unk>"

    def kind(piece: str) -> int:
        if piece == unknown:
            return kinds.UNKNOWN
        if piece in added:
            return kinds.CONTROL if added[piece]["special"] else kinds.USER_DEFINED
        return kinds.BYTE if re.fullmatch(r"<0x[0-9A-F]{2}>", piece) else kinds.NORMAL

    proto = spm.ModelProto()
    pieces = sorted(ids, key=ids.get)
    for piece in pieces:
        # Pieces that no merge makes are single characters; they come after all others.
        proto.pieces.add(piece=piece, score=-float(ranks.get(piece, len(ranks) + ids[piece])) if kind(piece) == kinds.NORMAL else 0.0, type=kind(piece))
    proto.trainer_spec.model_type = spm.TrainerSpec.BPE
    proto.trainer_spec.byte_fallback = True
    proto.trainer_spec.vocab_size = len(pieces)
    proto.trainer_spec.unk_id = ids.get(unknown, 0)
    for name in ("bos_id", "eos_id", "pad_id"):
        setattr(proto.trainer_spec, name, -1)  # special tokens are named in tokenizer_config.json
    proto.normalizer_spec.name = "identity"
    return proto.SerializeToString()
