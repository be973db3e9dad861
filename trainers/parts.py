"""Which parts of a structured answer a token spells, so that the validation loss can be told part by part."""

from __future__ import annotations

import json
import re


def parts_of(completion: str) -> list[tuple[str, int]]:
    """The keys of an answer that is a JSON object, in order, each with the place where its value ends; the brace before belongs
    to the first. Empty for any other answer."""
    decoder, place, found = json.JSONDecoder(), 1, []
    if not completion.startswith("{"):
        return []
    try:
        while completion[place - 1] != "}":
            key, place = decoder.raw_decode(completion, spaces(completion, place))
            _, place = decoder.raw_decode(completion, spaces(completion, spaces(completion, place) + 1))
            found.append((key, place))
            place = spaces(completion, place) + 1
    except (ValueError, IndexError):
        return []
    return found


def spaces(text: str, place: int) -> int:
    """The next place at which something stands."""
    return re.compile(r"\s*").match(text, place).end()


def parts_of_tokens(ids: list[int], completion: str, decode) -> list[list[str]]:
    """The parts that each token reaches into: one choice may settle several. No part for what closes the answer, and where the
    tokens do not spell it."""
    parts = parts_of(completion)
    if not parts or not decode(ids).startswith(completion):
        return [[] for _ in ids]
    ends = [len(decode(ids[: index + 1])) for index in range(len(ids))]
    begins = [0, *(end for _, end in parts)]
    return [[name for (name, end), begin in zip(parts, begins) if begin < last and first < end] for first, last in zip([0, *ends], ends)]


def means(losses: list[float], names: list[list[str]]) -> dict[str, float]:
    """Mean loss of each part's tokens, in the order in which the parts are met first."""
    found: dict[str, list[float]] = {}
    for loss, parts in zip(losses, names, strict=True):
        for part in parts:
            found.setdefault(part, []).append(loss)
    return {part: sum(of) / len(of) for part, of in found.items()}
