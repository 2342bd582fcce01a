"""Neighbours are found exactly in small indexes, and nearly so and fast in large ones."""

import time
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from assistant.retrieval.keywords import Keywords
from assistant.retrieval.vectors import FLAT_UP_TO, Vectors


def rows(count: int, dimension: int = 32) -> NDArray[np.float32]:
    random = np.random.default_rng(3)
    centres = random.normal(size=(200, dimension))
    made = (centres[random.integers(0, 200, count)] + 0.5 * random.normal(size=(count, dimension))).astype(np.float32)
    return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True))


def test_small_indexes_are_exact() -> None:
    given = rows(500)
    vectors = Vectors.build(given, np.arange(500, dtype=np.int32), True)
    for query in given[:20]:
        assert vectors.nearest(query, 10).tolist() == np.argsort(-(given @ query), kind="stable")[:10].tolist()


def test_documents_without_a_vector_are_as_near_as_any() -> None:
    given = rows(50)
    vectors = Vectors.build(given, np.arange(0, 100, 2, dtype=np.int32), True)
    near, cosine = vectors.nearness(given[3], np.asarray([5, 6, 99], dtype=np.int32))
    assert near[0] == near[2] == 0
    assert cosine[1] == pytest.approx(1.0, abs=1e-5)


def test_another_models_cosines_are_carried_to_the_usual_scale() -> None:
    given = rows(300)
    _, cosine = Vectors.build(given, np.arange(300, dtype=np.int32), False).nearness(
        given[0], np.arange(300, dtype=np.int32)
    )
    assert 0.5 < float(cosine.mean()) < 0.9


def test_large_indexes_are_graphs_that_are_saved_and_found_again(tmp_path: Path) -> None:
    given = rows(FLAT_UP_TO + 500)
    owners = np.arange(len(given), dtype=np.int32)
    vectors = Vectors.build(given, owners, True)
    assert vectors.graph
    vectors.save(tmp_path / "graph")
    again = Vectors.build(given, owners, True, tmp_path / "graph")
    right, spent = 0, 0.0
    for query in given[::700]:
        began = time.perf_counter()
        found = set(again.nearest(query, 10).tolist())
        spent += time.perf_counter() - began
        right += len(found & set(np.argsort(-(given @ query))[:10].tolist()))
    assert right / (10 * len(given[::700])) > 0.95
    assert spent / len(given[::700]) < 0.02


def test_keyword_scores_favour_rare_words_and_give_their_documents_back() -> None:
    texts = [["card", "lost"], ["card", "fee"], ["card", "card", "limit"], []]
    keywords = Keywords.build(texts, lambda: None)
    scores = keywords.scores({"lost": 1.0, "card": 1.0, "nowhere": 1.0})
    assert int(scores.argmax()) == 0
    assert scores[3] == 0
    assert 0 < keywords.ceiling({"lost": 1.0}) < keywords.ceiling({"lost": 1.0, "nowhere": 1.0})
    assert keywords.words_of(lambda: None) == [
        {"card": 1, "lost": 1},
        {"card": 1, "fee": 1},
        {"card": 2, "limit": 1},
        {},
    ]


def test_an_index_without_words_answers_nothing() -> None:
    assert Keywords.build([[], []], lambda: None).scores({"a": 1.0}).tolist() == [0, 0]
