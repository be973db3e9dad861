import json

import checkpoint
import pytest
from protocol import NeedsPersonError


@pytest.fixture
def save(tmp_path):
    def at(step, text="weights", fingerprint="run"):
        return checkpoint.save(tmp_path, step, fingerprint, lambda folder: (folder / "state.pt").write_text(text))

    return at


def test_the_newest_by_number_is_resumed_and_two_are_kept(save, tmp_path, capsys):
    for step in (900, 950, 1000):
        save(step)
    assert checkpoint.newest(tmp_path, "run")[0] == 1000
    assert sorted(p.name for p in tmp_path.iterdir()) == ["checkpoint-00000950", "checkpoint-00001000"]
    assert [json.loads(line)["step"] for line in capsys.readouterr().out.splitlines()] == [900, 950, 1000]


@pytest.mark.parametrize(
    "harm, says",
    [
        (lambda f: (f / "state.pt").write_text("weightz"), "state.pt differs from its hash"),
        (lambda f: (f / "state.pt").write_text("we"), "state.pt has 2 bytes, 7 were written"),
        (lambda f: (f / "state.pt").unlink(), "state.pt is missing"),
        (lambda f: (f / "manifest.json").unlink(), "manifest.json is missing"),
        (lambda f: (f / "manifest.json").write_text("{"), "manifest.json is damaged"),
    ],
)
def test_a_broken_newest_falls_back_and_its_file_is_named(save, tmp_path, capsys, harm, says):
    save(1)
    harm(save(2))
    assert checkpoint.newest(tmp_path, "run")[0] == 1
    assert says in capsys.readouterr().err


def test_a_broken_one_does_not_stand_in_the_place_of_one_that_is_kept(save, tmp_path):
    save(1)
    (save(9) / "state.pt").unlink()
    assert checkpoint.newest(tmp_path, "run")[0] == 1
    save(3)
    (save(5) / "state.pt").unlink()
    assert checkpoint.newest(tmp_path, "run")[0] == 3


def test_those_of_another_run_do_not_push_out_this_one_s(save, tmp_path):
    for step in (8, 9):
        save(step, fingerprint="other")
    for step in (1, 2, 3):
        save(step)
    assert checkpoint.newest(tmp_path, "run")[0] == 3
    assert sorted(p.name[-1] for p in tmp_path.iterdir()) == ["2", "3", "8", "9"]


def test_the_next_is_due_after_the_seconds_or_twenty_times_what_the_last_took_from_its_end_on(monkeypatch):
    now = 100.0
    monkeypatch.setattr(checkpoint.time, "monotonic", lambda: now)
    timer, each_step = checkpoint.Timer(30), checkpoint.Timer(0)

    def due_after(seconds, of=timer, step=0):
        nonlocal now
        now += seconds
        return of.due(step)

    def save(seconds, of=timer, step=0):
        nonlocal now
        with of.saving(step):
            now += seconds

    assert not due_after(30) and due_after(1)
    save(0.5)
    assert not due_after(30) and due_after(1)
    save(10)
    assert not due_after(199) and due_after(2)
    save(10, each_step)
    assert due_after(0.1, each_step)

    # By steps too, whichever comes first; what saving may cost stays its bound. It was resumed at step 7.
    by_steps = checkpoint.Timer(30, 5, 7)
    assert not due_after(10, by_steps, 11) and due_after(0.1, by_steps, 12) and due_after(30, by_steps, 8)
    save(0.5, by_steps, 12)
    assert not due_after(9, by_steps, 17) and due_after(2, by_steps, 17)


def test_when_all_are_broken_it_never_begins_anew_in_silence(save, tmp_path):
    for step in (1, 2):
        (save(step) / "state.pt").write_text("weightz")
    with pytest.raises(NeedsPersonError, match=r"checkpoint-00000002: state.pt differs from its hash; checkpoint-00000001: .*Remove that folder"):
        checkpoint.newest(tmp_path, "run")


def test_what_a_killed_save_left_is_swept(save, tmp_path):
    save(1)
    (tmp_path / ".checkpoint-00000002.4711.tmp").mkdir()
    assert checkpoint.newest(tmp_path, "run")[0] == 1
    assert [p.name for p in tmp_path.iterdir()] == ["checkpoint-00000001"]


def test_a_checkpoint_of_another_run_is_not_resumed(save, tmp_path):
    save(5, fingerprint="other data")
    assert checkpoint.newest(tmp_path, "run") is None


def test_a_save_that_dies_leaves_nothing_that_could_be_resumed(tmp_path):
    with pytest.raises(RuntimeError):
        checkpoint.save(tmp_path, 3, "run", lambda folder: (_ for _ in ()).throw(RuntimeError("killed")))
    assert checkpoint.newest(tmp_path, "run") is None
