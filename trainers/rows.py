"""Reads the trainers' input rows (TrainingRow in src/dataset/row.ts, and preference pairs)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from protocol import DataError, log


@dataclass(slots=True)
class Row:
    """`text` is the user's turn, `completion` the canonical answer; `copied` are (value, kind) pairs standing in both."""

    id: str
    text: str
    completion: str
    copied: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class Pair:
    """One preference: for the same `text`, `chosen` is better than `rejected`."""

    id: str
    text: str
    chosen: str
    rejected: str


def read_rows(path: Path) -> list[Row]:
    """@raises DataError with file and line; a row with an empty answer has nothing to learn and is refused."""
    rows = []
    for line, r in enumerate(_objects(path, ("id", "text", "completion")), 1):
        if not r["completion"]:
            raise DataError(f"{path}: row {r['id']!r} (row {line}) has an empty answer: nothing would be learned from it.")
        rows.append(Row(r["id"], r["text"], r["completion"], [(c["value"], c["kind"]) for c in r.get("copied", [])]))
    return rows


def read_pairs(path: Path) -> list[Pair]:
    """@raises DataError with file and line; a pair whose two answers are equal teaches nothing and is refused."""
    pairs = []
    for line, r in enumerate(_objects(path, ("id", "text", "chosen", "rejected")), 1):
        if r["chosen"] == r["rejected"]:
            raise DataError(f"{path}: pair {r['id']!r} (row {line}) has the same answer as chosen and as rejected.")
        pairs.append(Pair(r["id"], r["text"], r["chosen"], r["rejected"]))
    return pairs


def fitting_pairs(pairs: list[Pair], encode, limit: int, file: Path) -> list[dict[str, list[int]]]:
    """Token ids of the pairs whose prompt and chosen answer have at most `limit` tokens; longer ones are left out and counted.

    A rejected answer is cut at twice the longest chosen one: a model that never ended wrote hundreds of tokens, and what
    is wrong with them stands at their beginning.
    """
    rows = []
    for pair in pairs:
        prompt, chosen = encode(pair.text, pair.chosen)
        rows.append({"prompt_ids": prompt, "chosen_ids": chosen, "rejected_ids": encode(pair.text, pair.rejected)[1]})
    fit = [row for row in rows if len(row["prompt_ids"]) + len(row["chosen_ids"]) <= limit]
    if len(fit) < len(rows):
        log(f"{file.name}: {len(rows) - len(fit)} of {len(rows)} pairs are longer than {limit} tokens and left out")
    if not fit:
        raise DataError(f"{file}: no pair fits into {limit} tokens; raise max_seq_length or choose a base with a longer context.")
    longest = 2 * max(len(row["chosen_ids"]) for row in fit)
    for row in fit:
        row["rejected_ids"] = row["rejected_ids"][: min(longest, limit - len(row["prompt_ids"]))]
    return fit


def _objects(path: Path, keys: tuple[str, ...]) -> list[dict]:
    rows = []
    try:
        with open(path, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if not line.strip():
                    continue
                try:
                    row = json.loads(line)
                except ValueError as error:
                    raise DataError(f"{path}:{number}: not JSON ({error}).") from None
                for key in keys:
                    if not isinstance(row, dict) or not isinstance(row.get(key), str):
                        raise DataError(f"{path}:{number}: expected an object with a string {key!r}.")
                rows.append(row)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not UTF-8: {error}.") from None
    if not rows:
        raise DataError(f"{path} has no rows.")
    return rows
