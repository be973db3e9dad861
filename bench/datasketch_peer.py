"""The other side of bench/dataset.ts: the same rows checked, deduplicated and split with datasketch's MinHash-LSH.

    python bench/datasketch_peer.py ROWS.jsonl VERBS KEPT.json

As its documentation has it: a row whose query finds an earlier one is left out, any other is inserted and kept; then no
two rows that are left are near, so each goes to its split by its hash. Same grams (five characters of the folded text),
same Jaccard threshold (0.7), same shares as ours; 128 permutations, its default. Folding is what Clitron's is for ASCII.
Reading the file is not timed, on neither side. KEPT.json gets the numbers of each split's rows.
"""

import hashlib
import json
import resource
import sys
import time

from datasketch import MinHash, MinHashLSH

THRESHOLD, PERMUTATIONS, WIDTH = 0.7, 128, 5
# As `defaultRatios` of src/dataset/split.ts.
SHARES = {"test": 0.1, "validation": 0.05, "calibration": 0.05, "train": 0.8}


def grams(text: str) -> list[bytes]:
    folded = " ".join(text.lower().split())
    return [gram.encode() for gram in {folded[at : at + WIDTH] for at in range(max(1, len(folded) - WIDTH + 1))}]


def split_of(text: str) -> str:
    share = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) / 2**64
    for name, part in SHARES.items():
        if share < part:
            return name
        share -= part
    return "train"


def main(rows_file: str, verbs: str, kept_file: str) -> None:
    with open(rows_file, encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    known = set(verbs.split(","))
    begin = time.perf_counter()
    accepted = [index for index, row in enumerate(rows) if valid(row["output"], known)]
    checked = time.perf_counter()
    index_of_near = MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS)
    kept = []
    for at in range(0, len(accepted), 1000):
        part = accepted[at : at + 1000]
        hashes = MinHash.bulk([grams(rows[index]["instruction"]) for index in part], num_perm=PERMUTATIONS)
        for index, minhash in zip(part, hashes, strict=True):
            if not index_of_near.query(minhash):
                index_of_near.insert(index, minhash, check_duplication=False)
                kept.append(index)
    deduplicated = time.perf_counter()
    splits = {name: [] for name in SHARES}
    for index in kept:
        splits[split_of(rows[index]["instruction"])].append(index)
    end = time.perf_counter()
    with open(kept_file, "w", encoding="utf-8") as file:
        json.dump(splits, file)
    print(json.dumps({
        "seconds": end - begin,
        "stages": {"check": checked - begin, "duplicates": deduplicated - checked, "split": end - deduplicated},
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "accepted": len(accepted),
        "kept": len(kept),
    }))  # fmt: skip


def valid(output: str, verbs: set[str]) -> bool:
    try:
        answer = json.loads(output)
    except ValueError:
        return False
    return isinstance(answer, dict) and answer.get("do") in verbs


if __name__ == "__main__":
    main(*sys.argv[1:])
