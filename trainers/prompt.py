"""prompt_template.json: the one way a model is asked, made here, read by src/inference.

A prompt is prefix + user text + suffix, tokenized with special tokens parsed and, where `add_bos` says so, one BOS.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

from protocol import SpecError

FILE = "prompt_template.json"
_SENTINEL = "\u27e6the user's text\u27e7"
# Llama 3's template writes today's date into the system turn; pinned, or tokens would depend on the day of training.
_DATE = "26 Jul 2024"


@dataclass
class PromptTemplate:
    prefix: str
    suffix: str
    add_bos: bool
    stop: list[str]
    eos: str

    def render(self, text: str) -> str:
        return self.prefix + text + self.suffix

    def save(self, folder: Path) -> None:
        (folder / FILE).write_text(json.dumps(dataclasses.asdict(self), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    @staticmethod
    def load(folder: Path) -> "PromptTemplate":
        try:
            return PromptTemplate(**json.loads((folder / FILE).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise SpecError(f"{folder / FILE} cannot be used: {error}.") from None


def from_tokenizer(tokenizer, system: str) -> PromptTemplate:
    """The template of a downloaded base: its chat template around a sentinel, or plain "User: …" where it has none.

    @raises SpecError when the chat template cannot be split around the user's text.
    """
    system, eos, bos = system.strip(), tokenizer.eos_token, tokenizer.bos_token
    if eos is None:
        raise SpecError("The base's tokenizer has no EOS token, so the model could never learn to stop; choose another base.")
    adds_bos = _adds_bos(tokenizer)
    if not tokenizer.chat_template:
        return PromptTemplate(f"{system}\n\nUser: " if system else "User: ", "\nAssistant: ", adds_bos, [eos], eos)
    rendered = _rendered(tokenizer, system)
    if rendered.count(_SENTINEL) != 1:
        raise SpecError(f"The base's chat template shows the user's text {rendered.count(_SENTINEL)} times (once was expected), so it cannot be split into prefix and suffix; choose another base.")
    prefix, suffix = rendered.split(_SENTINEL)
    # A rendered template begins with BOS where the model wants one; tokenizing it with special tokens would add a second.
    if bos and prefix.startswith(bos):
        prefix, adds_bos = prefix.removeprefix(bos), True
    return PromptTemplate(prefix, suffix, adds_bos, _stops(tokenizer), eos)


def _rendered(tokenizer, system: str) -> str:
    """The chat template with a system turn; where it has none (it raises, or drops it), the system text precedes the question."""
    turns = [[{"role": "system", "content": system}, {"role": "user", "content": _SENTINEL}], [{"role": "user", "content": f"{system}\n\n{_SENTINEL}"}]] if system else [[{"role": "user", "content": _SENTINEL}]]
    failure: Exception | None = None
    for messages in turns:
        try:
            rendered = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True, date_string=_DATE, enable_thinking=False)
        except Exception as error:  # templates raise what they like
            failure = error
            continue
        if system in rendered:
            return rendered
    raise SpecError(f"The base's chat template cannot be rendered with the training's system text ({failure or 'it drops the text'}); choose another base.")


def encode_prompt(tokenizer, template: PromptTemplate, text: str) -> list[int]:
    """Token ids of the prompt, with exactly the BOS that the template says (never a second one)."""
    ids = tokenizer(template.render(text), add_special_tokens=False)["input_ids"]
    return [tokenizer.bos_token_id, *ids] if template.add_bos else ids


def encode_example(tokenizer, template: PromptTemplate, text: str, completion: str) -> tuple[list[int], list[int]]:
    """(prompt ids, completion ids with EOS), tokenized apart as the specification has it."""
    answer = tokenizer(completion, add_special_tokens=False)["input_ids"]
    if answer and not completion.startswith(" ") and tokenizer.convert_ids_to_tokens(answer[0]).startswith("\u2581"):
        # SentencePiece puts a space before every text, an answer tokenized apart included; learned, it would be said.
        # A line feed is a token of its own, so what follows it is tokenized as inside a text.
        newline = tokenizer("\n", add_special_tokens=False)["input_ids"]
        answer = tokenizer("\n" + completion, add_special_tokens=False)["input_ids"][len(newline) :]
    return encode_prompt(tokenizer, template, text), [*answer, tokenizer.convert_tokens_to_ids(template.eos)]


def shown_mask(decode, prompt: list[int], answer: list[int]) -> str:
    """One example for people: what is masked, and what the loss is computed on."""
    return f"masked (-100): {decode(prompt)!r} | learned: {decode(answer)!r}"


def _adds_bos(tokenizer) -> bool:
    bos = tokenizer.bos_token_id
    return bos is not None and tokenizer("a")["input_ids"][:1] == [bos]


def _stops(tokenizer) -> list[str]:
    """EOS and the end-of-turn tokens that chat models use beside it."""
    vocabulary = tokenizer.get_vocab()
    turns = ["<|eot_id|>", "<|im_end|>", "<|end|>", "<end_of_turn>", "<|endoftext|>"]
    return [tokenizer.eos_token, *(t for t in turns if t in vocabulary and t != tokenizer.eos_token)]
