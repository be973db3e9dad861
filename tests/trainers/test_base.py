import importlib.util

import pytest
import torch
from base import attention, load_model
from protocol import SpecError


def test_attention_is_the_librarys_own_choice_unless_it_is_configured():
    assert attention({}, "cpu", "fp32") == attention({"model": {"name": "a/base"}}, "cpu", "fp32") == {}
    assert attention({"model": {"name": "a/base", "attention": "eager"}}, "cpu", "fp32") == {"attn_implementation": "eager"}


@pytest.mark.parametrize("device, precision, lacking", [("cpu", "bf16", "a CUDA GPU"), ("cuda", "fp32", "16 bit"), ("cuda", "bf16", "the Python package flash-attn")])
def test_what_flash_attention_lacks_is_said(device, precision, lacking):
    if device == "cuda" and precision == "bf16" and importlib.util.find_spec("flash_attn"):
        pytest.skip("flash-attn is installed")
    with pytest.raises(SpecError, match=f"flash_attention_2 needs {lacking}"):
        attention({"model": {"attention": "flash_attention_2"}}, device, precision)


def test_every_implementation_says_the_same_of_padded_rows(tmp_path):
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    LlamaForCausalLM(LlamaConfig(vocab_size=50, hidden_size=32, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=1)).save_pretrained(tmp_path)
    ids = torch.randint(3, 50, (2, 9))
    mask = torch.ones_like(ids)
    mask[1, 5:] = 0
    said = []
    for implementation in ("eager", "sdpa"):
        model = load_model(tmp_path, **attention({"model": {"attention": implementation}}, "cpu", "fp32")).eval()
        assert model.config._attn_implementation == implementation
        with torch.no_grad():
            said.append(model(ids, attention_mask=mask, use_cache=False).logits[mask == 1])
            alone = model(ids[1:, :5], use_cache=False).logits[0]
        torch.testing.assert_close(said[-1][-5:], alone, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(*said, rtol=1e-4, atol=1e-5)
