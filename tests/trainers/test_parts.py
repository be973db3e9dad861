import json

import pytest
from parts import means, parts_of, parts_of_tokens

ANSWER = '{"state":"orders/start","entities":{"order":["PO-1","}{"]},"actions":[]}'


def test_an_answer_is_cut_at_its_own_keys_only():
    assert [(name, ANSWER[:end].rsplit('"', 1)[-1]) for name, end in parts_of(ANSWER)] == [("state", ""), ("entities", "]}"), ("actions", ":[]")]
    assert parts_of('{"state":"x"}') == [("state", 12)]
    assert [name for name, _ in parts_of(json.dumps(json.loads(ANSWER), indent=2))] == ["state", "entities", "actions"]


@pytest.mark.parametrize("answer", ["It closes at 5.", "{}", '{"state":"x","en', '["a","b"]', ""])
def test_other_answers_have_no_parts(answer):
    assert parts_of(answer) == []


def test_a_token_belongs_to_the_parts_that_it_reaches_into():
    pieces = ['{"state":"', "orders", '/start"', ',"entities":{"order":["', "PO", "-1", '","', "}{", '"]},"actions":[', "]", "}", "</s>"]
    decode = lambda ids: "".join(pieces[i] for i in ids)
    # A comma goes with the key behind it.
    assert parts_of_tokens(list(range(12)), ANSWER, decode) == [["state"]] * 3 + [["entities"]] * 5 + [["entities", "actions"], ["actions"], [], []]
    assert parts_of_tokens(list(range(12)), ANSWER.replace("PO-1", "PO-2"), decode) == [[]] * 12


def test_means_are_over_the_tokens_of_a_part():
    assert means([1.0, 3.0, 10.0, 5.0], [["a"], ["a", "b"], [], ["b"]]) == {"a": 2.0, "b": 4.0}
    with pytest.raises(ValueError):
        means([1.0], [])


def test_a_training_from_scratch_tells_the_validation_loss_of_each_part(run, scratch_spec, tmp_path):
    result = run("sft", scratch_spec)
    lines = [json.loads(line) for line in (tmp_path / "sft" / "metrics.jsonl").read_text().splitlines()]
    measured = [line for line in lines if "validation_loss" in line]
    assert len(measured) == 3
    keys = set().union(*(json.loads(json.loads(line)["completion"]) for line in scratch_spec["validation"].read_text().splitlines()))
    for line in measured:
        assert set(line["validation_loss_by_part"]) == keys
        assert all(0 < loss < 20 for loss in line["validation_loss_by_part"].values())
    # What is the same in every answer is learned before what is not.
    assert measured[-1]["validation_loss_by_part"]["args"] > measured[-1]["validation_loss_by_part"]["flags"]
    assert result["validation_loss"] == measured[-1]["validation_loss"]
