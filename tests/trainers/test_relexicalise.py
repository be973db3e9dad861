import json
import random

import synthetic
from relexicalise import Relexicaliser, same_shape
from rows import Row


def rows(n=300):
    return [Row(r["id"], r["text"], r["completion"], [(c["value"], c["kind"]) for c in r["copied"]]) for r in map(synthetic.row, range(n))]


def test_values_are_replaced_alike_in_text_and_answer():
    data = rows()
    fresh = Relexicaliser(data, synthetic.pieces())
    changed = 0
    for i, row in enumerate(data):
        text, completion = fresh(row, random.Random(i))
        answer = json.loads(completion)
        (value,) = answer["args"].values()
        assert str(value) in text
        assert {k: answer[k] for k in ("command", "subcommand", "flags")} == {k: json.loads(row.completion)[k] for k in ("command", "subcommand", "flags")}
        changed += completion != row.completion
    assert changed > 0.95 * len(data)


def test_a_branch_named_like_a_command_never_renames_the_command():
    pieces = ['{"type":"command","command":"pr","subcommand":"checkout","args":{', '"branch":"', '"},"flags":[', "]}"]
    row = Row("1", "check out pr now", '{"type":"command","command":"pr","subcommand":"checkout","args":{"branch":"pr"},"flags":[]}', [("pr", "branch")])
    text, completion = Relexicaliser([row], pieces)(row, random.Random(1))
    answer = json.loads(completion)
    assert answer["command"] == "pr" and answer["args"]["branch"] != "pr" and answer["args"]["branch"] in text


def test_words_that_only_contain_the_value_stay():
    row = Row("1", "close 12 not 123 or a12", '{"number":12}', [("12", "number")])
    text, completion = Relexicaliser([row], [])(row, random.Random(2))
    new = str(json.loads(completion)["number"])
    assert new != "12" and text == f"close {new} not 123 or a12"


def test_quotes_are_escaped_in_the_answer_only():
    row = Row("1", 'say he said "yes" today', '{"body":"he said \\"yes\\""}', [('he said "yes"', "text")])
    text, completion = Relexicaliser([row], [])(row, random.Random(3))
    assert json.loads(completion)["body"] in text and completion != row.completion


def test_a_word_said_twice_is_left_alone():
    row = Row("1", "open an issue titled open", '{"title":"open"}', [("open", "title")])
    assert Relexicaliser([row], [])(row, random.Random(4)) == (row.text, row.completion)


def test_shapes_are_kept():
    r = random.Random(5)
    assert all(c in "0123456789abcdef" for c in same_shape("9f8e7d6c", "sha", r))
    assert same_shape("https://example.com/a", "url", r).startswith("https://")
    assert same_shape("2024-05-01", "date", r).count("-") == 2
    assert same_shape("30m", "duration", r).endswith("m")


def test_the_same_seed_gives_the_same_values():
    data = rows(20)
    fresh = Relexicaliser(data, synthetic.pieces())
    assert [fresh(row, random.Random(f"1 {row.id}")) for row in data] == [fresh(row, random.Random(f"1 {row.id}")) for row in data]
