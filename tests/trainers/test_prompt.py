import prompt
import pytest
from protocol import SpecError


class Tokenizer:
    """As much of a tokenizer as a chat template needs."""

    bos_token, eos_token, bos_token_id = "<s>", "</s>", 1

    def __init__(self, render):
        self.render, self.chat_template = render, "a template"

    def __call__(self, text, add_special_tokens=True):
        return {"input_ids": ([1] if add_special_tokens else []) + [ord(c) for c in text]}

    def get_vocab(self):
        return {"</s>": 2, "<|im_end|>": 3}

    def apply_chat_template(self, messages, **options):
        assert options["date_string"], "an unpinned date would change the tokens every day"
        return self.render(messages)


def test_a_rendered_template_keeps_one_bos():
    template = prompt.from_tokenizer(Tokenizer(lambda ms: "<s>" + "".join(f"[{m['role']}]{m['content']}" for m in ms) + "[assistant]"), "Be brief.")
    assert template == prompt.PromptTemplate("[system]Be brief.[user]", "[assistant]", True, ["</s>", "<|im_end|>"], "</s>")
    assert prompt.encode_prompt(Tokenizer(None), template, "hi")[:2] == [1, ord("[")]


def test_a_template_without_system_role_gets_the_text_ahead_of_the_question():
    def render(messages):
        if messages[0]["role"] == "system":
            raise ValueError("Only user and assistant roles are supported!")
        return f"<s>[INST] {messages[0]['content']} [/INST]"

    assert prompt.from_tokenizer(Tokenizer(render), "Be brief.").prefix == "[INST] Be brief.\n\n"


@pytest.mark.parametrize("render", [lambda ms: "Be brief. always the same", lambda ms: ms[-1]["content"] * 2 + "Be brief."])
def test_a_template_that_cannot_be_split_is_refused(render):
    with pytest.raises(SpecError, match="cannot be split"):
        prompt.from_tokenizer(Tokenizer(render), "Be brief.")


def test_a_base_without_template_is_asked_plainly():
    tokenizer = Tokenizer(None)
    tokenizer.chat_template = None
    template = prompt.from_tokenizer(tokenizer, "Be brief.")
    assert template.render("hi") == "Be brief.\n\nUser: hi\nAssistant: " and template.add_bos
