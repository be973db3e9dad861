"""LFM2's forward pass for training from scratch, over the parameters of transformers' `Lfm2ForCausalLM`.

The library's modules spend most of a small model's step in some hundred small element-wise operations a layer: at
128 wide, memory and thread hand-overs cost more than the matrix products. Here each norm, gate and convolution is one
differentiable function with few passes over its data, norms' weights are folded into the matrices that follow, and
matrices are cast once a step. The result is the same model, saved and served as before; tests compare the two.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F


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
        along = (dy * y).sum(-1, keepdim=True, dtype=torch.float32).div_(-y.shape[-1])
        dx = torch.addcmul(dy.float(), y, along).mul_(inverse)
        return dx.to(ctx.input_dtype), None, None


class GatedConvolution(torch.autograd.Function):
    """C * conv(B * x) for `bcx` of (batch, time, 3 * width) and causal depth-wise `taps` of (length, width), oldest first."""

    @staticmethod
    def forward(ctx, bcx, taps):
        b, c, x = bcx.chunk(3, dim=-1)
        u = b * x
        v = u * taps[-1]
        for back in range(1, taps.shape[0]):
            v[:, back:].addcmul_(u[:, :-back], taps[-1 - back])
        ctx.save_for_backward(bcx, taps, u, v)
        return c * v

    @staticmethod
    def backward(ctx, dy):
        bcx, taps, u, v = ctx.saved_tensors
        b, c, x = bcx.chunk(3, dim=-1)
        grad = torch.empty_like(bcx)
        db, dc, dx = grad.chunk(3, dim=-1)
        torch.mul(dy, v, out=dc)
        dv = dy * c
        du = dv * taps[-1]
        dtaps = torch.empty(taps.shape, dtype=torch.float32, device=taps.device)
        dtaps[-1] = (dv * u).sum((0, 1), dtype=torch.float32)
        for back in range(1, taps.shape[0]):
            du[:, :-back].addcmul_(dv[:, back:], taps[-1 - back])
            dtaps[-1 - back] = (dv[:, back:] * u[:, :-back]).sum((0, 1), dtype=torch.float32)
        torch.mul(du, x, out=db)
        torch.mul(du, b, out=dx)
        return grad, dtaps.to(taps.dtype)


def weights(model, dtype) -> dict[str, torch.Tensor]:
    """What `logits` computes with, made from the model's parameters once a step: matrices in `dtype`, times the norm before them."""
    base = model.model
    made = {"embedding": base.embed_tokens.weight, "head": folded(model.lm_head.weight, base.embedding_norm.weight, dtype)}
    for number, layer in enumerate(base.layers):
        norm = layer.operator_norm.weight
        if layer.is_attention_layer:
            mixer = layer.self_attn
            own = {"q": folded(mixer.q_proj.weight, norm, dtype), "k": folded(mixer.k_proj.weight, norm, dtype), "v": folded(mixer.v_proj.weight, norm, dtype), "q_norm": mixer.q_layernorm.weight, "k_norm": mixer.k_layernorm.weight}
        else:
            mixer = layer.conv
            own = {"in": folded(mixer.in_proj.weight, norm, dtype), "taps": mixer.conv.weight.squeeze(1).t().to(dtype)}
        mlp = layer.feed_forward
        own |= {"out": mixer.out_proj.weight.to(dtype), "gate": folded(mlp.w1.weight, layer.ffn_norm.weight, dtype), "up": folded(mlp.w3.weight, layer.ffn_norm.weight, dtype), "down": mlp.w2.weight.to(dtype)}
        made |= {f"{number}.{name}": weight for name, weight in own.items()}
    return made


def logits(model, made: dict[str, torch.Tensor], ids, chosen, dtype):
    """Logits (n, vocabulary) in float32 at the n `chosen` places of the flattened `ids` (batch, time), right-padded.

    Of the last layer only what the chosen places need is computed: with one label in seven tokens that saves a fifth of
    the step.
    """
    base = model.model
    eps = model.config.norm_eps
    x = F.embedding(ids, made["embedding"])
    cos, sin = base.rotary_emb(x, torch.arange(ids.shape[1], device=ids.device).unsqueeze(0))
    for number, layer in enumerate(base.layers):
        own = {name.removeprefix(f"{number}."): weight for name, weight in made.items() if name.startswith(f"{number}.")}
        h = Normed.apply(x, eps, dtype)
        y = attention(layer.self_attn.head_dim, own, h, cos[0], sin[0], eps) if layer.is_attention_layer else GatedConvolution.apply(F.linear(h, own["in"]), own["taps"])
        if number == len(base.layers) - 1:
            x, y = x.flatten(0, 1)[chosen], y.flatten(0, 1)[chosen]
        x = x + F.linear(y, own["out"])
        h = Normed.apply(x, eps, dtype)
        x = x + F.linear(F.silu(F.linear(h, own["gate"])) * F.linear(h, own["up"]), own["down"])
    return F.linear(Normed.apply(x, eps, dtype), made["head"]).float()


def attention(head_dim: int, own, h, cos, sin, eps):
    """What the attention heads bring together, (batch, time, width), before the output projection."""
    shape = (*h.shape[:-1], -1, head_dim)
    q = rotated(F.linear(h, own["q"]).view(shape), own["q_norm"], cos, sin, eps)
    k = rotated(F.linear(h, own["k"]).view(shape), own["k_norm"], cos, sin, eps)
    v = F.linear(h, own["v"]).view(shape).float()
    # In float32: the CPU's bf16 kernel takes seven times as long backwards.
    y = F.scaled_dot_product_attention(q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2), is_causal=True)
    return y.transpose(1, 2).reshape(*h.shape[:-1], -1).to(h.dtype)


def rotated(x, weight, cos, sin, eps):
    """Normed and rotated heads of (batch, time, heads, head width); the norm's weight is folded into the rotation's tables."""
    half = x.shape[-1] // 2
    swapped = torch.cat((-weight[half:], weight[:half]))
    x = Normed.apply(x, eps, torch.float32)
    return Rotated.apply(x, (cos * weight).unsqueeze(1), (sin * swapped).unsqueeze(1))


class Rotated(torch.autograd.Function):
    """x * cos + swap(x) * sin, where swap exchanges the halves of the last dimension."""

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
        dcos = (dy * x).sum((0, 2)).unsqueeze(1)
        crossed = torch.cat((dy[..., :half] * x[..., half:], dy[..., half:] * x[..., :half]), -1)
        dsin = crossed.sum((0, 2)).unsqueeze(1)
        return dx, dcos, dsin


def folded(matrix, norm, dtype):
    """The matrix with the weight of the norm before it."""
    return (matrix * norm).to(dtype)
