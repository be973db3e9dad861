"""The from-scratch model: LFM2's layers (short gated convolutions and attention) or plain Llama, from random weights."""

from __future__ import annotations

from dataclasses import dataclass

from device import autocast, dtype_of
from protocol import SpecError
from scratch_tokenizer import BOS, EOS, PAD


@dataclass
class Smoothing:
    """Label smoothing (Szegedy et al. 2016) over the answers that there are: where one of these tokens is right, `share` of
    the probability is left to all of them alike."""

    share: float
    # Of the tokens.
    ids: list[int]


@dataclass
class ModelShape:
    """The `model` section of scratch_config.yaml."""

    name: str = "scratch"
    architecture: str = "lfm2"
    # One letter a layer: c = short convolution, a = attention.
    layers: str = "caca"
    hidden_size: int = 128
    intermediate_size: int = 384
    num_attention_heads: int = 4
    conv_length: int = 3
    vocab_size: int = 768
    max_position_embeddings: int = 2048


def build(shape: ModelShape, vocabulary: int):
    """@raises SpecError when the shape cannot be built or exported."""
    from transformers import Lfm2Config, Lfm2ForCausalLM, LlamaConfig, LlamaForCausalLM

    if not shape.layers or set(shape.layers) - {"c", "a"}:
        raise SpecError(f"model.layers: expected letters c (convolution) and a (attention) like 'caca', found {shape.layers!r}.")
    if shape.hidden_size % shape.num_attention_heads or (shape.hidden_size // shape.num_attention_heads) % 2:
        raise SpecError(f"model.hidden_size: {shape.hidden_size} does not divide into {shape.num_attention_heads} heads of an even width.")
    common = dict(
        vocab_size=vocabulary,
        hidden_size=shape.hidden_size,
        intermediate_size=shape.intermediate_size,
        num_hidden_layers=len(shape.layers),
        num_attention_heads=shape.num_attention_heads,
        num_key_value_heads=shape.num_attention_heads,
        max_position_embeddings=shape.max_position_embeddings,
        tie_word_embeddings=True,
        pad_token_id=PAD,
        bos_token_id=BOS,
        eos_token_id=EOS,
    )
    if shape.architecture == "lfm2":
        kinds = ["conv" if letter == "c" else "full_attention" for letter in shape.layers]
        config = Lfm2Config(**common, layer_types=kinds, conv_L_cache=shape.conv_length, block_auto_adjust_ff_dim=False, rope_parameters={"rope_type": "default", "rope_theta": 10_000.0})
        return Lfm2ForCausalLM(config)
    if shape.architecture == "llama":
        return LlamaForCausalLM(LlamaConfig(**common))
    raise SpecError(f"model.architecture: expected lfm2 or llama, found {shape.architecture!r}.")


def weights(model, precision: str):
    """What `completion_loss` of an LFM2 model computes with, made once a step; None where the library's own forward pass runs."""
    if model.config.model_type != "lfm2":
        return None
    import lfm2_forward

    return lfm2_forward.weights(model, dtype_of(precision))


def completion_loss(model, examples: list[tuple[list[int], list[int]]], precision: str, made=None, smoothing: Smoothing | None = None):
    """(summed cross-entropy in nats, labelled tokens) of (prompt, completion) pairs of token ids; of the completions, every
    token counts. `made`: from `weights`. `smoothing` is for training."""
    import torch.nn.functional as F

    logits, targets, _ = labelled_logits(model, examples, precision, made)
    loss = F.cross_entropy(logits, targets, reduction="sum")
    return loss + smoothed(logits, targets, smoothing) if smoothing else loss, sum(len(completion) for _, completion in examples)


def smoothed(logits, targets, smoothing: Smoothing):
    """What label smoothing adds to the summed cross-entropy."""
    import torch
    import torch.nn.functional as F

    ids = torch.tensor(smoothing.ids, device=logits.device)
    at = torch.isin(targets, ids)
    logs = F.log_softmax(logits[at], dim=-1)
    return smoothing.share * (logs.gather(1, targets[at].unsqueeze(1)).sum() - logs[:, ids].mean(dim=1).sum())


def completion_losses(model, examples: list[tuple[list[int], list[int]]], precision: str):
    """Cross-entropy in nats of every token of the completions, one example after the other: a tensor of shape (tokens)."""
    import torch.nn.functional as F

    logits, targets, _ = labelled_logits(model, examples, precision)
    return F.cross_entropy(logits, targets, reduction="none")[targets != -100]


def completion_log_probabilities(model, examples: list[tuple[list[int], list[int]]], precision: str, made=None):
    """In nats, of each completion as a whole after its prompt: a tensor of shape (examples)."""
    import torch
    import torch.nn.functional as F

    logits, targets, rows = labelled_logits(model, examples, precision, made)
    # Zero where no label stands.
    losses = F.cross_entropy(logits, targets, reduction="none")
    return -torch.zeros(len(examples), device=losses.device).index_add(0, rows, losses)


def labelled_logits(model, examples: list[tuple[list[int], list[int]]], precision: str, made=None):
    """Logits (n, vocabulary) in float32 at the labelled places, the tokens that follow there (n; -100 where none counts),
    and each place's example (n). The head is applied to these places only, about a third of all."""
    import torch

    if model.config.model_type == "lfm2":
        import lfm2_forward

        rows = lfm2_forward.Rows.of(examples, model.config.conv_L_cache - 1, model.device)
        chosen = labelled(rows.targets)
        logits = lfm2_forward.logits(model, made or weights(model, precision), rows, chosen, dtype_of(precision))
        ends = torch.tensor(rows.lengths, device=model.device).cumsum(0)
        return logits, rows.targets[chosen], torch.searchsorted(ends, chosen, right=True)
    # Right padding needs no attention mask: attention looks only backwards, and no label stands on padding. Few widths
    # make few shapes, as in `Rows`.
    width = -(-max(len(p) + len(c) for p, c in examples) // 16) * 16
    padded = lambda rows, filler: torch.tensor([row + [filler] * (width - len(row)) for row in rows], device=model.device)
    ids = padded([p + c for p, c in examples], PAD)
    targets = padded([[-100] * (len(p) - 1) + c for p, c in examples], -100).flatten()
    chosen = labelled(targets)
    with autocast(ids.device.type, precision):
        hidden = model.model(input_ids=ids, use_cache=False).last_hidden_state
        logits = model.lm_head(hidden.flatten(0, 1)[chosen]).float()
    return logits, targets[chosen], chosen // width


def labelled(targets):
    """The labelled places, filled up with unlabelled ones to a multiple of 32: like the lengths, their number makes few shapes."""
    import torch

    chosen = (targets != -100).nonzero().squeeze(1)
    return torch.cat((chosen, (targets == -100).nonzero().squeeze(1)[: -len(chosen) % 32]))
