"""Real tokenizers without a download: rebuilt from the vocabularies among llama.cpp's sources, under small random models.

    python tests/trainers/rebuild_tokenizer.py LLAMA_CPP_SOURCES llama FOLDER [HIDDEN_SIZE EMBEDDING_SCALE]

Gives a folder as the hub would: config.json, model.safetensors, tokenizer.json, tokenizer_config.json.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

_LLAMA3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
_QWEN2 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"

_LLAMA3_CHAT = (
    "{{ bos_token }}{% for m in messages %}<|start_header_id|>{{ m['role'] }}<|end_header_id|>\n\n"
    "{% if m['role'] == 'system' %}Cutting Knowledge Date: December 2023\nToday Date: {{ date_string }}\n\n{% endif %}"
    "{{ m['content'] | trim }}<|eot_id|>{% endfor %}{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}"
)
_CHATML = "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
# Mistral's has no system role, and raises.
_MISTRAL = "{{ bos_token }}{% for m in messages %}{% if m['role'] == 'system' %}{{ raise_exception('Only user and assistant roles are supported!') }}{% endif %}[INST] {{ m['content'] }} [/INST]{% endfor %}"

# architecture → (vocabulary, chat template, BOS, EOS)
BASES = {
    "llama": ("llama-bpe", _LLAMA3_CHAT, "<|begin_of_text|>", "<|eot_id|>"),
    "gpt2": ("gpt-2", None, "<|endoftext|>", "<|endoftext|>"),
    "qwen2": ("qwen2", _CHATML, None, "<|im_end|>"),
    "mistral": ("llama-spm", _MISTRAL, "<s>", "</s>"),
    # LFM2's own vocabulary is not among the sources; the architecture takes any that the converter recognises.
    "lfm2": ("llama-bpe", _LLAMA3_CHAT, "<|begin_of_text|>", "<|eot_id|>"),
}


def build(sources: Path, architecture: str, folder: Path, seed: int = 0, hidden_size: int = 256, embedding_scale: float = 1.0) -> Path:
    """`embedding_scale`: frozen tied embeddings as small as random ones are give every token nearly the same probability,
    whatever LoRA does; some 20 times larger ones let a narrow model learn within seconds."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    vocabulary, chat, bos, eos = BASES[architecture]
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = tokenizer_of(sources / "models" / f"ggml-vocab-{vocabulary}.gguf", bos)
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": bos, "eos_token": eos, "clean_up_tokenization_spaces": False, "chat_template": chat}
    (folder / "tokenizer_config.json").write_text(json.dumps({k: v for k, v in config.items() if v is not None}))
    size = tokenizer.get_vocab_size(with_added_tokens=True)
    ids = {"bos_token_id": tokenizer.token_to_id(bos) if bos else None, "eos_token_id": tokenizer.token_to_id(eos)}
    if architecture == "gpt2":
        shape = dict(n_embd=hidden_size, n_layer=2, n_head=4, n_positions=1024, n_ctx=1024)  # n_ctx: as on the hub; the converter reads it
    else:
        shape = dict(hidden_size=hidden_size, intermediate_size=2 * hidden_size, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=2048, tie_word_embeddings=architecture != "mistral")
    if architecture == "mistral":
        shape["sliding_window"] = None
    if architecture == "lfm2":
        shape["layer_types"] = ["conv", "full_attention"]
    torch.manual_seed(seed)
    model = AutoModelForCausalLM.from_config(AutoConfig.for_model(architecture, vocab_size=size, **shape, **ids))
    with torch.no_grad():
        model.get_input_embeddings().weight.mul_(embedding_scale)
    model.to(torch.bfloat16).save_pretrained(folder)
    return folder


def tokenizer_of(gguf_file: Path, bos: str | None):
    import gguf
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    fields = gguf.GGUFReader(gguf_file).fields
    read = lambda key: fields[f"tokenizer.ggml.{key}"].contents()
    tokens, kinds = read("tokens"), read("token_type")
    special = [token for token, kind in zip(tokens, kinds) if kind in (gguf.TokenType.CONTROL, gguf.TokenType.UNKNOWN)]
    vocabulary = {token: id for id, token in enumerate(tokens) if kinds[id] not in (gguf.TokenType.USER_DEFINED, gguf.TokenType.UNUSED)}
    if read("model") == "llama":  # SentencePiece: merges follow from the scores
        tokenizer = Tokenizer(models.BPE(vocabulary, _merges(vocabulary, read("scores")), unk_token="<unk>", fuse_unk=True, byte_fallback=True))
        tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
        tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    else:
        pre = read("pre")
        merges = [tuple(merge.split(" ", 1)) for merge in read("merges")]
        tokenizer = Tokenizer(models.BPE(vocabulary, merges, ignore_merges=pre == "llama-bpe"))
        split = {"llama-bpe": _LLAMA3, "qwen2": _QWEN2}.get(pre)
        byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=split is None)
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(split), "isolated"), byte_level]) if split else byte_level
        if pre == "qwen2":
            tokenizer.normalizer = normalizers.NFC()
        tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in special])
    if bos and bos != "<|endoftext|>":
        tokenizer.post_processor = processors.TemplateProcessing(single=f"{bos} $A", special_tokens=[(bos, tokenizer.token_to_id(bos))])
    return tokenizer


def _merges(vocabulary: dict[str, int], scores: list[float]) -> list[tuple[str, str]]:
    """Every way to put a piece together from two, the best-scored piece first (as transformers converts SentencePiece)."""
    merges = []
    for piece, id in vocabulary.items():
        ways = [(piece[:i], piece[i:]) for i in range(1, len(piece)) if piece[:i] in vocabulary and piece[i:] in vocabulary]
        merges += [(scores[id], left, right) for left, right in sorted(ways, key=lambda w: (vocabulary[w[0]], vocabulary[w[1]]))]
    return [(left, right) for _, left, right in sorted(merges, key=lambda m: -m[0])]


if __name__ == "__main__":
    size = dict(zip(("hidden_size", "embedding_scale"), (int(sys.argv[4]), float(sys.argv[5])))) if len(sys.argv) > 5 else {}
    print(build(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), **size))
