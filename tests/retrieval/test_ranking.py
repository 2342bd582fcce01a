"""Evidence strength from scores alone."""

import numpy as np

from assistant.retrieval.ranking import Candidates, fuse, strength


def by_keywords(share: float, asked: float, japanese: bool = False) -> float:
    """Give the strength of one document found by keywords alone."""
    found = Candidates(np.asarray([0], dtype=np.int32), None, None, np.asarray([share], dtype=np.float32), asked,
                       japanese)
    return strength(found, fuse(found))


def test_half_of_many_words_says_more_than_half_of_two() -> None:
    assert by_keywords(0.4, 2) < by_keywords(0.4, 8)


def test_a_very_long_question_is_no_surer_than_a_long_one() -> None:
    assert by_keywords(0.1, 16) == by_keywords(0.1, 2_000) < 0.45


def test_without_any_word_in_common_nothing_is_sure() -> None:
    assert max(by_keywords(0.0, asked, japanese) for asked in (0, 5, 500) for japanese in (True, False)) < 0.1


def test_nothing_found_has_no_strength() -> None:
    none = Candidates(np.zeros(0, dtype=np.int32), None, None, np.zeros(0, dtype=np.float32), 3, True)
    assert strength(none, fuse(none)) == 0.0
