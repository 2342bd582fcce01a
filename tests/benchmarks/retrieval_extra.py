"""Tuning, ablation and the 100,000-passage timing of ``tests.benchmarks.retrieval``; they never look at test data."""

import time
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.ingestion.ingest import ingest
from assistant.ingestion.prepare import parts_of
from assistant.knowledge import Page, Passage
from assistant.retrieval.index import Embedded, Index, Shelf
from assistant.retrieval.query import Synonyms, read_query
from assistant.retrieval.ranking import KEYWORD_WEIGHT, fuse, signals
from assistant.retrieval.retrieve import Retriever

Matrix = NDArray[np.float32]


async def prepared(collection: Any, folder: Path, embedder: Any) -> tuple[Index, list[Any], Matrix]:
    """Ingest a collection; give its index, tuning questions and their vectors."""
    questions = [question for question in collection.questions if question.tuning]
    await ingest(collection.knowledge, folder, embedder)
    return Index.load(folder), questions, await embedder.embed([question.text for question in questions], "query")


async def tune(collections: list[Any], root: Path, embedder: Any) -> None:
    """Print the logistic weights of ``ranking.signals`` and how well they tell right from wrong (cross-validated).

    Every collection has the same total weight; a question counts as right when one of the first three hits is its page:
    collections name one page per question, though a neighbour often answers as well.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    rows: dict[bool, list[tuple[tuple[float, ...], bool, bool, str]]] = {True: [], False: []}
    for collection in collections:
        index, questions, vectors = await prepared(collection, root / f"tune-{collection.name}", embedder)
        retriever, shelf = Retriever(index), index.shelves[collection.language]
        for question, vector in zip(questions, vectors, strict=True):
            query = read_query(question.text, (), Synonyms())
            for given in (vector, None):
                candidates = retriever.candidates(shelf, query, given, collection.language == "ja")
                scores = fuse(candidates)
                if len(scores):
                    first = candidates.documents[np.argsort(-scores)[:3]]
                    pages = {index.passages[number].page for number in shelf.numbers[first]}
                    rows[given is not None].append((signals(candidates, scores), bool(pages & question.relevant),
                                                    bool(question.relevant), collection.name))
    for hybrid, table in rows.items():
        x = np.asarray([row[0] for row in table])
        y = np.asarray([row[1] for row in table])
        names = np.asarray([row[3] for row in table])
        weight = np.asarray([len(table) / (names == name).sum() for name in names])
        model = LogisticRegression(C=1000.0, max_iter=5_000)
        split = StratifiedKFold(5, shuffle=True, random_state=1)
        folds = cross_val_predict(model, x, y, cv=split, method="predict_proba", params={"sample_weight": weight})[:, 1]
        model.fit(x, y, sample_weight=weight)
        print("WITH_VECTORS" if hybrid else "KEYWORDS_ONLY", "=",
              tuple(round(float(w), 3) for w in (model.intercept_[0], *model.coef_[0])))
        answerable = np.asarray([row[2] for row in table])
        for name in dict.fromkeys(names):
            own = names == name
            print(f"  {name}: first hit right or wrong AUROC {roc_auc_score(y[own], folds[own]):.3f}, "
                  f"answerable or not {roc_auc_score(answerable[own], folds[own]):.3f}, "
                  f"mean strength {folds[own].mean():.2f}, right {y[own].mean():.2f}")


async def ablation(collections: list[Any], root: Path, embedder: Any) -> None:
    """Print Recall@1, Recall@10 and MRR on tuning data for each part taken away or exchanged."""
    table: dict[str, list[str]] = {}
    for collection in collections:
        index, questions, vectors = await prepared(collection, root / f"ablation-{collection.name}", embedder)
        asked = [n for n, question in enumerate(questions) if question.relevant]
        shelf = index.shelves[collection.language]
        passages = [index.passages[n] for n in shelf.numbers]
        relevant = [{d for d, p in enumerate(passages) if p.page in questions[n].relevant} for n in asked]
        texts = [questions[n].text for n in asked]
        for name, scores in (await _ways(shelf, passages, texts, vectors[asked], embedder)).items():
            table.setdefault(name, []).append(_summary(scores, relevant))
    print(f"{'Recall@1 / Recall@10 / MRR':44}", *(f"{collection.name:>20}" for collection in collections))
    for name, cells in table.items():
        print(f"{name:44}", *(f"{cell:>20}" for cell in cells))


async def _ways(shelf: Shelf, passages: list[Passage], texts: list[str], asked: Matrix,
                embedder: Any) -> dict[str, Matrix]:
    queries = [read_query(text, (), Synonyms()) for text in texts]
    share = np.stack([shelf.keywords.scores(query.words) / max(shelf.keywords.ceiling(query.words), 1e-6)
                      for query in queries])
    whole_words = [{word: weight for word, weight in query.words.items() if word[0] != "~"} for query in queries]
    unbroken = np.stack([shelf.keywords.scores(query) for query in whole_words])
    parts = [parts_of(passage) for passage in passages]
    heads = asked @ (await embedder.embed([part.head for part in parts], "passage")).T
    as_queries = asked @ (await embedder.embed([part.head for part in parts], "query")).T
    bodies = asked @ (await embedder.embed([part.body for part in parts], "passage")).T
    whole = asked @ (await embedder.embed([f"{part.head}\n{part.body}" for part in parts], "passage")).T
    both, bm25 = (heads + bodies) / 2, share
    return {
        "keywords: words alone": unbroken, "keywords: words and fragments": bm25,
        "vector: head (question, headings)": heads, "vector: head, embedded as a query": as_queries,
        "vector: body (answer, text)": bodies, "vector: head and body in one text": whole,
        "vectors: nearer of head and whole": np.maximum(heads, whole), "vectors: mean of head and body": both,
        "vectors: mean of head, body and whole": (2 * both + whole) / 3,
        "whole + keywords, reciprocal ranks": _reciprocal(whole, bm25),
        "whole + keywords": _z(whole) + KEYWORD_WEIGHT * bm25**2,
        "mean + keywords, reciprocal ranks": _reciprocal(both, bm25),
        "mean + keywords, min-max 0.5": _min_max(both) + 0.5 * _min_max(bm25),
        "mean + keywords, z-scores 0.3": _z(both) + 0.3 * _z(bm25),
        **{f"mean + {weight} x keyword share": _z(both) + weight * bm25 for weight in (2, 4, 5, 6, 8)},
        **{f"mean + {weight:.0f} x share squared": _z(both) + weight * bm25**2
           for weight in (6, 9, KEYWORD_WEIGHT, 16)},
    }


def _summary(scores: Matrix, relevant: list[set[int]]) -> str:
    ranks = []
    for row, documents in zip(scores, relevant, strict=True):
        best = max(row[list(documents)])
        ranks.append(int((row > best).sum()) + int((row == best).sum() - 1) // 2)
    found = np.asarray(ranks)
    return f"{(found < 1).mean():.3f} {(found < 10).mean():.3f} {(1 / (found + 1)).mean():.3f}"


def _z(scores: Matrix) -> Matrix:
    return np.asarray((scores - scores.mean(1, keepdims=True)) / np.maximum(scores.std(1, keepdims=True), 1e-6))


def _min_max(scores: Matrix) -> Matrix:
    low = scores.min(1, keepdims=True)
    return np.asarray((scores - low) / np.maximum(scores.max(1, keepdims=True) - low, 1e-6))


def _reciprocal(*ways: Matrix) -> Matrix:
    return np.asarray(sum(1 / (61 + (-way).argsort(1).argsort(1)) for way in ways))


def large(count: int = 100_000) -> None:
    """Time whole searches (both ways, fusion, hits) over made-up passages with words as frequent as real ones are."""
    random = np.random.default_rng(1)
    centres = random.normal(size=(2_000, 384)).astype(np.float32)
    rows = centres[random.integers(0, 2_000, count)] + 0.7 * random.normal(size=(count, 384)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    vocabulary = [f"w{n}" for n in range(60_000)]
    chances = 1 / np.arange(10, 60_010)
    drawn = random.choice(60_000, (count, 50), p=chances / chances.sum())
    pages = [Page(f"ja/{n}.md", "ja", f"頁{n}", "本文") for n in range(count)]
    passages = [Passage(f"ja/{n}.md#a", f"ja/{n}.md", "a", "ja", f"頁{n}", (f"頁{n}",), f"本文{n}", str(n))
                for n in range(count)]
    words = {passage.id: [vocabulary[w] for w in drawn[n]] for n, passage in enumerate(passages)}
    numbers = np.arange(count, dtype=np.int32)
    half = rows.astype(np.float16)
    began = time.perf_counter()
    index = Index.build(pages, passages, words, "made up", Embedded((), np.stack([numbers] * 3, axis=1), half))
    print(f"built {count} passages in {time.perf_counter() - began:.1f} s")
    retriever = Retriever(index, today=lambda: date(2026, 11, 21))
    shelf = index.shelves["ja"]
    assert shelf.vectors is not None
    spent, overlap = [], []
    for number in range(300):
        document = int(random.integers(0, count))
        vector = rows[document] + 0.05 * random.normal(size=384).astype(np.float32)
        vector /= np.linalg.norm(vector)
        text = " ".join(vocabulary[w] for w in drawn[document][:8])
        began = time.perf_counter()
        retriever.retrieve(text, vector, "ja", 8)
        spent.append((time.perf_counter() - began) * 1000)
        if number < 50:
            exact = set(np.argsort(-(rows @ vector))[:10].tolist())
            overlap.append(len(exact & set(shelf.vectors.nearest(vector, 10).tolist())) / 10)
    p50, p95 = np.percentile(spent, 50), np.percentile(spent, 95)
    print(f"search over {count} passages: p50 {p50:.2f} ms, p95 {p95:.2f} ms; the graph "
          f"finds {np.mean(overlap):.3f} of the exact ten nearest")
