"""What the trainer's model says about some rows, in 32 bit, for the GGUF to be compared with (src/inference, parity gate)."""

from __future__ import annotations

import json
from pathlib import Path

from files import whole_file
from prompt import PromptTemplate, encode_example
from rows import Row, read_rows
from scratch_tokenizer import ScratchTokenizer


def write(model_folder: Path, rows_file: Path, target: Path, count: int) -> int:
    """Writes `count` rows, spread over the file, with

    prompt_ids, completion_ids (with EOS); logprobs: of each completion token given those before it, in nats;
    greedy_ids, margins: the most probable token at each place and its lead over the second, in nats. Returns how many.
    """
    import torch

    from base import load_model

    encode, template = encoder(model_folder)
    model = load_model(model_folder, dtype=torch.float32).eval()
    rows = spread(read_rows(rows_file), count)
    with whole_file(target) as temporary, open(temporary, "w", encoding="utf-8") as file, torch.no_grad():
        for row in rows:
            prompt, completion = encode(row.text, row.completion)
            logits = model(torch.tensor([prompt + completion])).logits[0, len(prompt) - 1 : -1]
            logprobs = logits.float().log_softmax(-1)
            top = logprobs.topk(2, dim=-1)
            line = {
                "id": row.id,
                "text": row.text,
                "prompt": template.render(row.text),
                "completion": row.completion,
                "prompt_ids": prompt,
                "completion_ids": completion,
                "logprobs": logprobs.gather(1, torch.tensor(completion)[:, None])[:, 0].tolist(),
                "greedy_ids": top.indices[:, 0].tolist(),
                "margins": (top.values[:, 0] - top.values[:, 1]).tolist(),
            }
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
    return len(rows)


def encoder(model_folder: Path):
    """(encode(text, completion) → (prompt ids, completion ids), the prompt template) of a model folder."""
    template = PromptTemplate.load(model_folder)
    if is_scratch(model_folder):
        return ScratchTokenizer(model_folder).example, template
    from base import load_tokenizer

    tokenizer = load_tokenizer(model_folder)
    return lambda text, completion: encode_example(tokenizer, template, text, completion), template


def is_scratch(model_folder: Path) -> bool:
    """A model whose tokenizer was trained here: it has the <sep> that no hub model asks with."""
    return PromptTemplate.load(model_folder).suffix == "<sep>"


def spread(rows: list[Row], count: int) -> list[Row]:
    """`count` rows at even distances."""
    return rows if len(rows) <= count else [rows[i * len(rows) // count] for i in range(count)]
