"""Writes a from-scratch model's GGUF directly: 0.2 s, where llama.cpp's converter takes 5 s and knows no such tokenizer.

Keys and tensor names are those of llama.cpp's converter (conversion/lfm2.py, conversion/llama.py, conversion/base.py).
"""

from __future__ import annotations

import json
from pathlib import Path

from files import whole_file
from prompt import PromptTemplate
from scratch_tokenizer import SPECIAL, ScratchTokenizer

# transformers' names → GGUF's, for the layers of both architectures.
_LAYER = {
    "operator_norm": "attn_norm",
    "input_layernorm": "attn_norm",
    "ffn_norm": "ffn_norm",
    "post_attention_layernorm": "ffn_norm",
    "conv.conv": "shortconv.conv",
    "conv.in_proj": "shortconv.in_proj",
    "conv.out_proj": "shortconv.out_proj",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.out_proj": "attn_output",
    "self_attn.o_proj": "attn_output",
    "self_attn.q_layernorm": "attn_q_norm",
    "self_attn.k_layernorm": "attn_k_norm",
    "feed_forward.w1": "ffn_gate",
    "feed_forward.w2": "ffn_down",
    "feed_forward.w3": "ffn_up",
    "mlp.gate_proj": "ffn_gate",
    "mlp.down_proj": "ffn_down",
    "mlp.up_proj": "ffn_up",
}


def write(model: Path, target: Path, name: str, float16: bool = True) -> None:
    """Writes folder `model` (scratch, Hugging Face format) to `target`; norms and convolutions stay in 32 bit."""
    import gguf
    import numpy as np
    from safetensors.numpy import load_file

    config = json.loads((model / "config.json").read_text())
    architecture = config["model_type"]
    weights = load_file(model / "model.safetensors")
    with whole_file(target) as temporary:
        writer = gguf.GGUFWriter(temporary, architecture)
        writer.add_name(name)
        writer.add_type(gguf.GGUFType.MODEL)
        writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16 if float16 else gguf.LlamaFileType.ALL_F32)
        _shape(writer, config, architecture)
        _vocabulary(writer, model, config["vocab_size"])
        for key, tensor in weights.items():
            renamed = _rename(key, architecture)
            if renamed is None:  # tied: llama.cpp takes the embeddings where output.weight is missing
                continue
            if architecture == "llama" and renamed.endswith(("attn_q.weight", "attn_k.weight")):
                tensor = _permute(tensor, config["num_attention_heads" if "attn_q" in renamed else "num_key_value_heads"])
            if "shortconv.conv" in renamed:
                tensor = tensor.squeeze(1)
            small = tensor.ndim == 1 or "shortconv.conv" in renamed or not float16
            writer.add_tensor(renamed, np.ascontiguousarray(tensor.astype(np.float32 if small else np.float16)))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()


def _shape(writer, config: dict, architecture: str) -> None:
    heads = config["num_attention_heads"]
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(heads)
    writer.add_rope_freq_base(config["rope_parameters"]["rope_theta"])
    writer.add_vocab_size(config["vocab_size"])
    if architecture == "lfm2":
        # No key-value heads mark a layer as a convolution.
        writer.add_head_count_kv([0 if kind == "conv" else config["num_key_value_heads"] for kind in config["layer_types"]])
        writer.add_layer_norm_rms_eps(config["norm_eps"])
        writer.add_shortconv_l_cache(config["conv_L_cache"])
    else:
        writer.add_head_count_kv(config["num_key_value_heads"])
        writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
        writer.add_rope_dimension_count(config["hidden_size"] // heads)


def _vocabulary(writer, model: Path, size: int) -> None:
    import gguf

    tokenizer = ScratchTokenizer(model)
    vocabulary = {id: token for token, id in tokenizer.tokenizer.get_vocab(with_added_tokens=True).items()}
    kinds = []
    for id in range(size):
        token = vocabulary[id]
        kinds.append(gguf.TokenType.CONTROL if token in SPECIAL else gguf.TokenType.USER_DEFINED if token in tokenizer.added else gguf.TokenType.NORMAL)
    merges = [" ".join(m) if isinstance(m, list) else m for m in json.loads((model / "tokenizer.json").read_text(encoding="utf-8"))["model"]["merges"]]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list([vocabulary[id] for id in range(size)])
    writer.add_token_types(kinds)
    writer.add_token_merges(merges)
    writer.add_bos_token_id(SPECIAL.index("<s>"))
    writer.add_eos_token_id(SPECIAL.index("</s>"))
    writer.add_pad_token_id(SPECIAL.index("<pad>"))
    template = PromptTemplate.load(model)
    writer.add_add_bos_token(template.add_bos)
    writer.add_add_eos_token(False)
    # For programs that insist on a chat template: the same prompt, without the BOS that they add by themselves.
    writer.add_chat_template(f"{{{{ {json.dumps(template.prefix)} + messages[-1]['content'] + {json.dumps(template.suffix)} }}}}")


def _rename(key: str, architecture: str) -> str | None:
    if key == "lm_head.weight":
        return None
    if key == "model.embed_tokens.weight":
        return "token_embd.weight"
    if key in ("model.embedding_norm.weight", "model.norm.weight"):
        return "token_embd_norm.weight" if architecture == "lfm2" else "output_norm.weight"
    _, _, index, rest = key.split(".", 3)
    return f"blk.{index}.{_LAYER[rest.removesuffix('.weight')]}.weight"


def _permute(weights, heads: int):
    """llama.cpp rotates neighbouring pairs where transformers rotates halves (conversion/llama.py)."""
    return weights.reshape(heads, 2, weights.shape[0] // heads // 2, *weights.shape[1:]).swapaxes(1, 2).reshape(weights.shape)
