"""A small made-up training in the shape of the `cli` family: rows, pieces and preference pairs, deterministic by seed."""

from __future__ import annotations

import json
import random
import string
from pathlib import Path

COMMANDS = [("pr", "view", "number"), ("pr", "close", "number"), ("issue", "create", "title"), ("issue", "list", "label"), ("repo", "clone", "repository")]
VERBS = {"view": ["show", "open", "look at"], "close": ["close", "shut"], "create": ["make", "create", "file"], "list": ["list", "show all"], "clone": ["clone", "fetch", "copy"]}
NOUNS = {"pr": ["pr", "pull request"], "issue": ["issue", "ticket"], "repo": ["repo", "repository"]}
FORMS = {"number": "{v} {n} {x}", "title": "{v} an {n} called \"{x}\"", "label": "{v} {n}s labelled {x}", "repository": "{v} the {n} {x}"}


def pieces() -> list[str]:
    out = []
    for command, subcommand, argument in COMMANDS:
        out += [f'{{"type":"command","command":"{command}","subcommand":"{subcommand}","args":{{', f'"{argument}":', f'"{argument}":"']
    return [*dict.fromkeys(out), '"', ',', '},"flags":[', '"},"flags":[', '"web"', "]}"]


def row(index: int, seed: int = 1) -> dict:
    r = random.Random(f"{seed} {index}")
    command, subcommand, argument = r.choice(COMMANDS)
    word = lambda: "".join(r.choice(string.ascii_lowercase) for _ in range(r.randint(3, 7)))
    value = {"number": lambda: str(r.randint(1, 9999)), "title": lambda: f"{word()} {word()}", "label": word, "repository": lambda: f"{word()}/{word()}"}[argument]()
    kind = {"number": "number", "title": "title", "label": "label", "repository": "repo"}[argument]
    web = r.random() < 0.3
    text = FORMS[argument].format(v=r.choice(VERBS[subcommand]), n=r.choice(NOUNS[command]), x=value) + (" in the browser" if web else "")
    if r.random() < 0.5:
        text += f"\ncurrent_branch={word()} current_pr={r.randint(1, 999)}"
    answer = {"type": "command", "command": command, "subcommand": subcommand, "args": {argument: int(value) if argument == "number" else value}, "flags": ["web"] if web else []}
    return {"id": f"r{index}", "text": text, "completion": dumped(answer), "copied": [{"value": value, "kind": kind}]}


def wrong(row: dict) -> list[str]:
    """Answers to the row that are wrong in one thing each: the flag, the command, a character of the value."""
    answer = json.loads(row["completion"])
    names = [command[:2] for command in COMMANDS]
    command, subcommand = names[names.index((answer["command"], answer["subcommand"])) - 1]
    ((argument, value),) = answer["args"].items()
    changed = value + 1 if isinstance(value, int) else value[:-1] + ("b" if value[-1] == "a" else "a")
    return [dumped({**answer, **different}) for different in ({"flags": [] if answer["flags"] else ["web"]}, {"command": command, "subcommand": subcommand}, {"args": {argument: changed}})]


def dumped(answer: dict) -> str:
    return json.dumps(answer, separators=(",", ":"), ensure_ascii=False)


def write(folder: Path, train: int = 600, validation: int = 60, seed: int = 1) -> dict[str, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    rows = [row(i, seed) for i in range(train + validation)]
    files = {name: folder / f"{name}.jsonl" for name in ("train", "validation", "preferences")}
    dump = lambda path, items: path.write_text("".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items), encoding="utf-8")
    dump(files["train"], rows[:train])
    dump(files["validation"], rows[train:])
    dump(files["preferences"], [{"id": r["id"], "text": r["text"], "chosen": r["completion"], "rejected": wrong(r)[i % 3]} for i, r in enumerate(rows[:train])])
    files["pieces"] = folder / "pieces.json"
    files["pieces"].write_text(json.dumps(pieces()), encoding="utf-8")
    return files


if __name__ == "__main__":
    import sys

    print(write(Path(sys.argv[1]), *map(int, sys.argv[2:])))
