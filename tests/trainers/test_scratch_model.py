"""The scratch model's own forward pass and optimizer against the libraries' ones."""

import lfm2_forward
import pytest
import torch
import torch.nn.functional as F
from muon import BatchedMuon, orthogonal
from scratch_model import ModelShape, build, completion_loss, completion_losses
from scratch_tokenizer import PAD


def a_model(**shape):
    torch.manual_seed(0)
    model = build(ModelShape(**{"layers": "cac"} | shape, hidden_size=64, intermediate_size=96, num_attention_heads=2), vocabulary=300)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim == 1:
                parameter.add_(torch.randn_like(parameter) * 0.2)
    return model


def a_batch():
    numbers = torch.Generator().manual_seed(1)
    ids = lambda n: torch.randint(8, 300, (n,), generator=numbers).tolist()
    return [(ids(9 + i), ids(3 + i % 4)) for i in range(6)]


def padded(examples):
    """(ids, labels) of (rows, time), as the library takes them."""
    rows = torch.nn.utils.rnn.pad_sequence([torch.tensor(prompt + completion) for prompt, completion in examples], batch_first=True, padding_value=PAD)
    labels = torch.full_like(rows, -100)
    for i, (prompt, completion) in enumerate(examples):
        labels[i, len(prompt) : len(prompt) + len(completion)] = torch.tensor(completion)
    return rows, labels


@pytest.mark.parametrize("shape", [{}, {"conv_length": 1}, {"architecture": "llama", "layers": "aa"}])
def test_loss_and_gradients_equal_those_of_the_library(shape):
    model, batch = a_model(**shape), a_batch()
    loss, count = completion_loss(model, batch, "fp32")
    found = torch.autograd.grad(loss, list(model.parameters()))

    ids, labels = padded(batch)
    targets = labels[:, 1:]
    chosen = targets != -100
    logits = model(input_ids=ids, use_cache=False).logits[:, :-1][chosen]
    expected_loss = F.cross_entropy(logits, targets[chosen], reduction="sum")
    expected = torch.autograd.grad(expected_loss, list(model.parameters()))

    assert count == int(chosen.sum())
    torch.testing.assert_close(loss, expected_loss, rtol=1e-5, atol=1e-4)
    for (name, _), one, other in zip(model.named_parameters(), found, expected):
        assert (one - other).norm() <= 1e-4 * other.norm() + 1e-6, name


@pytest.mark.parametrize("shape", [{}, {"architecture": "llama", "layers": "aa"}])
def test_the_losses_of_tokens_stand_example_by_example(shape):
    model, batch = a_model(**shape), a_batch()
    with torch.no_grad():
        losses = completion_losses(model, batch, "fp32").split([len(completion) for _, completion in batch])
        for one, example in zip(losses, batch, strict=True):
            torch.testing.assert_close(one.sum(), completion_loss(model, [example], "fp32")[0], rtol=1e-4, atol=1e-4)


def test_rows_that_need_no_filler_have_none():
    rows = lfm2_forward.Rows.of([([9] * 60, [10] * 4)], 0, "cpu")
    assert rows.lengths == [64] and rows.gaps.tolist() == []
    loss, _ = completion_loss(a_model(conv_length=1), [([9] * 60, [10] * 4)], "fp32")
    loss.backward()


def test_nothing_of_a_pass_is_made_on_another_device_than_the_model():
    # "meta" is a device without memory that every host has, and one that refuses tensors of the CPU.
    model = a_model().to("meta")
    made = lfm2_forward.weights(model, torch.float32)
    rows = lfm2_forward.Rows.of(a_batch(), 2, model.device)
    logits = lfm2_forward.logits(model, made, rows, torch.arange(4, device="meta"), torch.float32)
    gradients = torch.autograd.grad(logits.sum(), list(model.parameters()))
    assert {gradient.device.type for gradient in gradients} == {"meta"}


@pytest.mark.parametrize("shape", [{}, {"architecture": "llama", "layers": "aa"}])
def test_the_parts_of_a_batch_give_the_gradients_of_the_whole(shape):
    from scratch_step import Gradients

    numbers = torch.Generator().manual_seed(2)
    ids = lambda n: torch.randint(8, 300, (n,), generator=numbers).tolist()
    batch = [(ids(5 + 3 * i), ids(2 + i % 3)) for i in range(11)]
    model = a_model(**shape)
    labelled = sum(len(completion) for _, completion in batch)
    loss = Gradients(model, threads=2)(batch, "fp32")

    whole = a_model(**shape)
    expected, count = completion_loss(whole, batch, "fp32")
    (expected / count).backward()
    assert count == labelled and abs(loss - expected.item() / count) < 1e-5
    for (name, one), other in zip(model.named_parameters(), whole.parameters()):
        assert (one.grad - other.grad).norm() <= 1e-4 * other.grad.norm() + 1e-7, name


def test_half_precision_stays_near_the_full_one():
    model, batch = a_model(), a_batch()
    full, _ = completion_loss(model, batch, "fp32")
    half, _ = completion_loss(model, batch, "bf16")
    assert abs(half - full) <= 0.01 * full


def test_a_batched_step_equals_the_optimizer_of_torch():
    torch.manual_seed(0)
    shapes = [(48, 32), (32, 32), (32, 48), (48, 32), (32, 32)]
    ours = [torch.nn.Parameter(torch.randn(shape)) for shape in shapes]
    theirs = [torch.nn.Parameter(parameter.detach().clone()) for parameter in ours]
    batched = BatchedMuon(ours, lr=0.02)
    one_by_one = torch.optim.Muon(theirs, lr=0.02, weight_decay=0.0)
    for _ in range(4):
        for one, other in zip(ours, theirs):
            one.grad = torch.randn_like(one)
            other.grad = one.grad.clone()
        batched.step()
        one_by_one.step()
    for one, other in zip(ours, theirs):
        torch.testing.assert_close(one, other, rtol=1e-2, atol=1e-2)


@pytest.mark.parametrize("shape", [(24, 8), (8, 24), (16, 16)])
def test_gathered_polynomials_are_the_newton_schulz_steps_one_by_one(shape):
    torch.manual_seed(1)
    matrices = torch.randn(3, *shape, dtype=torch.float64)
    x = matrices / matrices.norm(dim=(1, 2), keepdim=True)
    for _ in range(5):
        gram = x @ x.mT
        x = 3.4445 * x - 4.7750 * gram @ x + 2.0315 * gram @ gram @ x
    torch.testing.assert_close(orthogonal(matrices.float()), x.float(), rtol=1e-4, atol=1e-4)


def test_the_optimizer_goes_on_from_its_saved_state():
    def stepped(steps, state=None):
        torch.manual_seed(3)
        matrices = [torch.nn.Parameter(torch.randn(16, 8)) for _ in range(3)]
        optimizer = BatchedMuon(matrices, lr=0.02)
        if state:
            with torch.no_grad():
                for matrix, saved in zip(matrices, state[0]):
                    matrix.copy_(saved)
            optimizer.load_state_dict(state[1])
        for step in steps:
            for i, matrix in enumerate(matrices):
                matrix.grad = torch.full_like(matrix, 0.1).index_fill_(0, torch.tensor([step + i]), 1.0)
            optimizer.step()
        return [m.detach().clone() for m in matrices], optimizer.state_dict()

    whole, _ = stepped(range(4))
    resumed, _ = stepped(range(2, 4), stepped(range(2)))
    assert all(torch.equal(one, other) for one, other in zip(whole, resumed))
