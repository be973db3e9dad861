"""LFM2's forward pass for training from scratch, over the parameters of transformers' `Lfm2ForCausalLM`.

The library's modules spend most of a small model's step in some hundred small element-wise operations a layer: at
128 wide, memory and thread hand-overs cost more than the matrix products. Here each norm, gate and convolution is one
differentiable function with few passes over its data, norms' weights are folded into the matrices that follow, and
matrices are cast once a step. A batch's rows stand one after the other in one long sequence: padding them to one width
was a third of all tokens. The result is the same model, saved and served as before; tests compare the two.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F

from scratch_tokenizer import PAD


@dataclass
class Rows:
    """Rows one after the other, each with some padding behind it, at which the next row's convolution looks back.

    `ids`, `targets` (the token after each, -100 where none counts) and `positions` within the row are of shape (time);
    `gaps` names the padding's places; `lengths` are the rows' with their padding, and add up to `time`.
    """

    ids: torch.Tensor
    targets: torch.Tensor
    positions: torch.Tensor
    gaps: torch.Tensor
    lengths: list[int]

    @staticmethod
    def of(examples: list[tuple[list[int], list[int]]], gap: int, device) -> Rows:
        """From (prompt, completion) pairs. The sum of the lengths is a multiple of 64: oneDNN builds a kernel for each new
        shape, and few of them make a bf16 step 17% faster."""
        ids, targets, gaps, lengths = [], [], [], []
        for prompt, completion in examples:
            row = prompt + completion
            gaps += range(len(ids) + len(row), len(ids) + len(row) + gap)
            ids += row + [PAD] * gap
            targets += [-100] * (len(prompt) - 1) + completion + [-100] * (gap + 1)
            lengths.append(len(row) + gap)
        rest = -len(ids) % 64
        gaps += range(len(ids), len(ids) + rest)
        ids += [PAD] * rest
        targets += [-100] * rest
        lengths[-1] += rest
        positions = [position for length in lengths for position in range(length)]
        return Rows(*(torch.tensor(numbers, dtype=torch.long, device=device) for numbers in (ids, targets, positions, gaps)), lengths)


class Normed(torch.autograd.Function):
    """x / rms(x) over the last dimension, computed in float32, returned in `dtype`."""

    @staticmethod
    def forward(ctx, x, eps: float, dtype):
        inverse = torch.linalg.vector_norm(x, dim=-1, keepdim=True, dtype=torch.float32).square_().div_(x.shape[-1]).add_(eps).rsqrt_()
        y = (x * inverse).to(dtype)
        ctx.save_for_backward(y, inverse)
        ctx.input_dtype = x.dtype
        return y

    @staticmethod
    def backward(ctx, dy):
        y, inverse = ctx.saved_tensors
        # Cast first: operations on mixed types take three times as long.
        dy, y = dy.float(), y.float()
        along = torch.linalg.vecdot(dy, y).unsqueeze(-1).div_(-y.shape[-1])
        dx = torch.addcmul(dy, y, along).mul_(inverse)
        return dx.to(ctx.input_dtype), None, None


class GatedConvolution(torch.autograd.Function):
    """C * conv(B * x) for `bcx` of (time, 3 * width) and causal depth-wise `taps` of (length, width), oldest first.

    What stands at the `gaps` counts as zero, so that no row sees the one before it.
    """

    @staticmethod
    def forward(ctx, bcx, taps, gaps):
        b, c, x = bcx.chunk(3, dim=-1)
        u = (b * x).index_fill_(0, gaps, 0)
        v = u * taps[-1]
        for back in range(1, taps.shape[0]):
            v[back:].addcmul_(u[:-back], taps[-1 - back])
        ctx.save_for_backward(bcx, taps, gaps, u, v)
        return c * v

    @staticmethod
    def backward(ctx, dy):
        bcx, taps, gaps, u, v = ctx.saved_tensors
        b, c, x = bcx.chunk(3, dim=-1)
        grad = torch.empty_like(bcx)
        db, dc, dx = grad.chunk(3, dim=-1)
        torch.mul(dy, v, out=dc)
        dv = dy * c
        du = dv * taps[-1]
        dtaps = torch.empty(taps.shape, dtype=torch.float32, device=taps.device)
        dtaps[-1] = (dv * u).sum(0, dtype=torch.float32)
        for back in range(1, taps.shape[0]):
            du[:-back].addcmul_(dv[back:], taps[-1 - back])
            dtaps[-1 - back] = (dv[back:] * u[:-back]).sum(0, dtype=torch.float32)
        du.index_fill_(0, gaps, 0)
        torch.mul(du, x, out=db)
        torch.mul(du, b, out=dx)
        return grad, dtaps.to(taps.dtype), None


class Gated(torch.autograd.Function):
    """silu(gate) * up, for both in one tensor of (…, 2 * width)."""

    @staticmethod
    def forward(ctx, both):
        gate, up = both.chunk(2, dim=-1)
        active = F.silu(gate)
        ctx.save_for_backward(both, active)
        return active * up

    @staticmethod
    def backward(ctx, dy):
        both, active = ctx.saved_tensors
        gate, up = both.chunk(2, dim=-1)
        grad = torch.empty_like(both)
        dgate, dup = grad.chunk(2, dim=-1)
        torch.mul(dy, active, out=dup)
        torch.ops.aten.silu_backward.grad_input(dy * up, gate, grad_input=dgate)
        return grad


def weights(model, dtype) -> dict[str, torch.Tensor]:
    """What `logits` computes with, made from the model's parameters once a step: matrices in `dtype`, times the norm before them."""
    base = model.model
    made = {"embedding": base.embed_tokens.weight, "head": folded(model.lm_head.weight, base.embedding_norm.weight, dtype)}
    for number, layer in enumerate(base.layers):
        norm = layer.operator_norm.weight
        if layer.is_attention_layer:
            mixer = layer.self_attn
            own = {"qkv": folded(torch.cat((mixer.q_proj.weight, mixer.k_proj.weight, mixer.v_proj.weight)), norm, dtype), "q_norm": mixer.q_layernorm.weight, "k_norm": mixer.k_layernorm.weight}
        else:
            mixer = layer.conv
            own = {"in": folded(mixer.in_proj.weight, norm, dtype), "taps": mixer.conv.weight.squeeze(1).t().to(dtype)}
        mlp = layer.feed_forward
        own |= {"out": mixer.out_proj.weight.to(dtype), "gate_up": folded(torch.cat((mlp.w1.weight, mlp.w3.weight)), layer.ffn_norm.weight, dtype), "down": mlp.w2.weight.to(dtype)}
        made |= {f"{number}.{name}": weight for name, weight in own.items()}
    return made


def logits(model, made: dict[str, torch.Tensor], rows: Rows, chosen, dtype):
    """Logits (n, vocabulary) in float32 at the n `chosen` places of the rows.

    Of the last layer only what the chosen places need is computed: with one label in three tokens that saves a sixth of
    the step.
    """
    base = model.model
    eps = model.config.norm_eps
    x = F.embedding(rows.ids, made["embedding"])
    cos, sin = base.rotary_emb(x.unsqueeze(0), rows.positions.unsqueeze(0))
    for number, layer in enumerate(base.layers):
        own = {name.removeprefix(f"{number}."): weight for name, weight in made.items() if name.startswith(f"{number}.")}
        h = Normed.apply(x, eps, dtype)
        y = attention(layer.self_attn.head_dim, own, h, cos[0], sin[0], eps, rows.lengths) if layer.is_attention_layer else GatedConvolution.apply(F.linear(h, own["in"]), own["taps"], rows.gaps)
        if number == len(base.layers) - 1:
            x, y = x[chosen], y[chosen]
        x = x + F.linear(y, own["out"])
        h = Normed.apply(x, eps, dtype)
        x = x + F.linear(Gated.apply(F.linear(h, own["gate_up"])), own["down"])
    return F.linear(Normed.apply(x, eps, dtype), made["head"]).float()


def attention(head_dim: int, own, h, cos, sin, eps, lengths: list[int]):
    """What the attention heads bring together, (time, width), before the output projection; each row for itself."""
    q, k, v = F.linear(h, own["qkv"]).unflatten(-1, (3, -1, head_dim)).unbind(1)
    q = rotated(q, own["q_norm"], cos, sin, eps)
    k = rotated(k, own["k_norm"], cos, sin, eps)
    # In float32: the CPU's bf16 kernel takes seven times as long backwards.
    each = zip(*(heads.transpose(0, 1).unsqueeze(0).split(lengths, dim=2) for heads in (q, k, v.float())))
    y = torch.cat([F.scaled_dot_product_attention(*qkv, is_causal=True) for qkv in each], dim=2)
    return y.squeeze(0).transpose(0, 1).flatten(1).to(h.dtype)


def rotated(x, weight, cos, sin, eps):
    """Normed and rotated heads of (time, heads, head width); the norm's weight is folded into the rotation's tables."""
    half = x.shape[-1] // 2
    swapped = torch.cat((-weight[half:], weight[:half]))
    x = Normed.apply(x, eps, torch.float32)
    return Rotated.apply(x, (cos * weight).unsqueeze(1), (sin * swapped).unsqueeze(1))


class Rotated(torch.autograd.Function):
    """x * cos + swap(x) * sin, where swap exchanges the halves of the last dimension; the tables are of (time, 1, head width)."""

    @staticmethod
    def forward(ctx, x, cos, sin):
        y = x * cos
        half = x.shape[-1] // 2
        y[..., :half].addcmul_(x[..., half:], sin[..., :half])
        y[..., half:].addcmul_(x[..., :half], sin[..., half:])
        ctx.save_for_backward(x, cos, sin)
        return y

    @staticmethod
    def backward(ctx, dy):
        x, cos, sin = ctx.saved_tensors
        half = x.shape[-1] // 2
        dx = dy * cos
        dx[..., half:].addcmul_(dy[..., :half], sin[..., :half])
        dx[..., :half].addcmul_(dy[..., half:], sin[..., half:])
        dcos = (dy * x).sum(1, keepdim=True)
        crossed = torch.cat((dy[..., :half] * x[..., half:], dy[..., half:] * x[..., :half]), -1)
        dsin = crossed.sum(1, keepdim=True)
        return dx, dcos, dsin


def folded(matrix, norm, dtype):
    """The matrix with the weight of the norm before it."""
    return (matrix * norm).to(dtype)
