"""The tokenizer of models from scratch: byte-level BPE trained on the data, single digits, the schema's pieces whole.

With the schema's pieces as single tokens an answer is some seven tokens long, whatever its JSON's length.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from prompt import PromptTemplate
from rows import Row

SPECIAL = ["<pad>", "<s>", "<sep>", "</s>"]
PAD, BOS, SEP, EOS = range(4)
TEMPLATE = PromptTemplate(prefix="", suffix="<sep>", add_bos=True, stop=["</s>"], eos="</s>")


def context_pieces(rows: list[Row]) -> list[str]:
    """The names of the context's fields with their separator (" repo_owner="), and whole fields of few values.

    Most rows carry a context, a line of name=value pairs after the instruction; cut into BPE tokens, its names alone
    are a good part of all that the model reads.
    """
    values: dict[str, set[str]] = {}
    for row in rows:
        _, newline, context = row.text.partition("\n")
        for field in re.finditer(r"(?:^|(?<= ))([A-Za-z][\w.-]*=)([^ ]*)", context):
            before = newline if field.start() == 0 else " "
            values.setdefault(before + field[1], set()).add(field[2])
    # A name that stands in a few rows only is part of some value.
    counted = {name: found for name, found in values.items() if sum(name in row.text for row in rows) * 50 > len(rows)}
    return sorted(piece for name, found in counted.items() for piece in ([name + v for v in found] if len(found) <= 2 else [name]))


def train(rows: list[Row], pieces: list[str], size: int):
    """A `tokenizers.Tokenizer`: 4 special tokens, `size` BPE tokens (256 bytes among them), then the pieces of answers and contexts.

    The pre-tokenizer is the one llama.cpp calls "smollm": every digit alone, then GPT-2's pattern on bytes.
    """
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

    spaced = max(0, size - 256) // 3
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size - spaced + len(SPECIAL), special_tokens=SPECIAL, initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()), show_progress=False
    )
    context = context_pieces(rows)
    cut = re.compile("|".join(map(re.escape, sorted(context, key=len, reverse=True)))) if context else None
    texts = [part for row in rows for part in (cut.split(row.text) if cut else [row.text])]
    # Merges are learned without the spaces, so that a value is cut alike after a space and after a quote: copying it is
    # then copying tokens. At last the commonest whole words that are hardly ever values take the space before them.
    tokenizer.train_from_iterator((word for text in texts for word in text.split(" ")), trainer)
    tokenizer = with_spaced_words(tokenizer, texts, Counter(word for row in rows for value, _ in row.copied for word in re.findall(r"[A-Za-z]+", value)), spaced)
    # A one-character piece (the quote that ends a value) keeps its byte's id and is cut out like the others.
    tokenizer.add_tokens([AddedToken(p, normalized=False, special=False) for p in dict.fromkeys([*pieces, *context])])
    return tokenizer


def with_spaced_words(tokenizer, texts: list[str], values: Counter, count: int):
    """Adds tokens " word" for the commonest words of one token, by merges of the lowest rank: nothing else is cut otherwise."""
    from tokenizers import Tokenizer

    state = json.loads(tokenizer.to_str())
    vocabulary, merges = state["model"]["vocab"], state["model"]["merges"]
    space = "\u0120"
    common = Counter(word for text in texts for word in re.findall(r"(?<= )[A-Za-z]+", text) if word in vocabulary)
    words = [word for word, n in sorted(common.items(), key=lambda item: (-item[1], item[0])) if n > 4 * values[word]]
    for word in words[:count]:
        vocabulary[space + word] = len(vocabulary)
        merges.append([space, word])
    return Tokenizer.from_str(json.dumps(state))


class ScratchTokenizer:
    """Encodes as llama.cpp does: added tokens are cut out of the text longest first, the rest goes through BPE.

    (`tokenizers` cuts leftmost first; the two differ where pieces overlap, and the GGUF is what is served.)
    """

    def __init__(self, folder: Path | None = None, tokenizer=None):
        from tokenizers import Tokenizer

        self.tokenizer = tokenizer or Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.added = {token.content: id for id, token in self.tokenizer.get_added_tokens_decoder().items()}
        self.longest_here = one_of(self.added)
        lengths = sorted({len(piece.encode()) for piece in self.added}, reverse=True)
        self.by_length = [re.compile(f"({one_of(p for p in self.added if len(p.encode()) == length).pattern})") for length in lengths]
        self.crossing = {piece: one_of(rests) for piece, rests in crossings(self.added).items()}
        self.size = self.tokenizer.get_vocab_size(with_added_tokens=True)

    def encode(self, texts: list[str]) -> list[list[int]]:
        """Token ids of each text; many at once, as the merging then runs outside of Python's lock."""
        split = [self._cut(text) for text in texts]
        merged = iter(self.tokenizer.encode_batch_fast([part for parts in split for part in parts if isinstance(part, str)], add_special_tokens=False))
        return [[id for part in parts for id in ([part] if isinstance(part, int) else next(merged).ids)] for parts in split]

    def _cut(self, text: str) -> list[int | str]:
        parts: list[int | str] = []
        rest = 0
        # From left to right, the longest piece at each place: a third of the time of the longest piece first, and the same
        # unless a longer piece begins within a shorter one.
        for match in self.longest_here.finditer(text):
            piece, end = match.group(), match.end()
            crossing = self.crossing.get(piece)
            if crossing and crossing.match(text, end):
                return self._cut_longest_first(text)
            if match.start() > rest:
                parts.append(text[rest : match.start()])
            parts.append(self.added[piece])
            rest = end
        return [*parts, text[rest:]] if rest < len(text) else parts

    def _cut_longest_first(self, text: str) -> list[int | str]:
        parts: list[int | str] = [text]
        for group in self.by_length:
            parts = [part for old in parts for part in ([self.added.get(part, part) for part in group.split(old) if part] if isinstance(old, str) else [old])]
        return parts

    def examples(self, pairs: list[tuple[str, str]]) -> list[tuple[list[int], list[int]]]:
        """(prompt ids, completion ids with EOS) of each (text, completion)."""
        ids = self.encode([text for pair in pairs for text in pair])
        return [([BOS, *prompt, SEP], [*completion, EOS]) for prompt, completion in zip(ids[::2], ids[1::2])]

    def example(self, text: str, completion: str) -> tuple[list[int], list[int]]:
        return self.examples([(text, completion)])[0]

    def decode(self, ids: list[int]) -> str:
        return self.tokenizer.decode(ids, skip_special_tokens=False)

    def save(self, folder: Path) -> None:
        self.tokenizer.save(str(folder / "tokenizer.json"))
        config = {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "add_bos_token": True, "clean_up_tokenization_spaces": False}
        (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=1) + "\n")
        TEMPLATE.save(folder)


def one_of(texts: Iterable[str]) -> re.Pattern:
    """Matches the longest of the texts that stands at a place. By first characters, as an alternation of hundreds is slow."""
    by_first: dict[str, list[str]] = {}
    for text in sorted(texts, key=len, reverse=True):
        by_first.setdefault(text[0], []).append(re.escape(text[1:]))
    return re.compile("|".join(f"{re.escape(first)}(?:{'|'.join(others)})" for first, others in by_first.items()))


def crossings(pieces: Iterable[str]) -> dict[str, set[str]]:
    """By piece: the rests of longer pieces that begin within it and end behind it."""
    beginning: dict[str, list[str]] = {}
    for piece in pieces:
        for end in range(1, len(piece)):
            beginning.setdefault(piece[:end], []).append(piece)
    found: dict[str, set[str]] = {}
    for piece in pieces:
        for at in range(1, len(piece)):
            for longer in beginning.get(piece[at:], ()):
                if len(longer.encode()) > len(piece.encode()):
                    found.setdefault(piece, set()).add(longer[len(piece) - at :])
    return found
