"""The trained arrays: they load without pickle, refuse what does not fit, and their corpus is labelled by the book."""

import json
from pathlib import Path

import numpy as np
import pytest

from assistant.engines.e5_small import E5Small
from assistant.errors import KnowledgeError
from assistant.understanding.emotion import EMOTIONS, HEADS, KINDS, ROUTES, URGENT, load_heads
from assistant.understanding.heads.corpus import own


def test_the_arrays_are_small_and_belong_to_the_packaged_embedder() -> None:
    assert HEADS.stat().st_size < 3_000_000
    assert load_heads().embedder == E5Small().name


def test_arrays_of_another_version_are_refused(tmp_path: Path) -> None:
    with np.load(HEADS, allow_pickle=False) as arrays:
        found = {name: arrays[name] for name in arrays.files}
    found["about"] = np.frombuffer(json.dumps({"version": 0}).encode(), np.uint8)
    np.savez(tmp_path / "heads.npz", **found)  # type: ignore[arg-type]
    with pytest.raises(KnowledgeError, match="train them again"):
        load_heads(tmp_path / "heads.npz")
    (tmp_path / "heads.npz").write_bytes(b"not an archive")
    with pytest.raises(KnowledgeError):
        load_heads(tmp_path / "heads.npz")


def test_the_corpus_uses_known_labels_and_repeats_nothing_at_odds() -> None:
    seen: dict[str, str | None] = {}
    for example in own():
        in_a_talk = example.valence is None  # there route, kind and intensity alone are labelled
        assert in_a_talk or example.emotions[0] in EMOTIONS
        if example.kind is None:
            continue
        assert example.kind in KINDS
        assert example.route in ROUTES
        assert in_a_talk or example.urgent in URGENT
        assert seen.setdefault(example.text, example.kind) == example.kind, example.text


def test_a_turn_of_a_conversation_is_learnt_after_what_its_writer_said_before(tmp_path: Path) -> None:
    (tmp_path / "talks.en.txt").write_text(
        "V answer none 0.05 | Does it cover a burst pipe?\nA | It does.\nV answer none 0.1 | And a gas explosion?\n\n"
        "V hand_off safety 0.9 | I smell gas\n", encoding="utf-8")
    texts = [(example.text, example.route) for example in own(tmp_path)]
    assert texts == [("Does it cover a burst pipe?", "answer"),
                     ("Does it cover a burst pipe? || And a gas explosion?", "answer"), ("I smell gas", "hand_off")]
    (tmp_path / "talks.en.txt").write_text("V answer | no kind, no intensity\n", encoding="utf-8")
    with pytest.raises(ValueError, match="not a turn"):
        own(tmp_path)


def test_a_wish_for_a_person_is_always_a_hand_off_in_the_corpus() -> None:
    assert all(example.route == "hand_off" for example in own() if example.wish)
