"""Measures retrieval: quality, honesty, speed and memory, beside keywords alone and one vector per passage.

    python -m tests.benchmarks.retrieval [--data FOLDER] [--peer MODEL_OR_FOLDER] [--large | --ablation | --tune]

Reports on test data only: the test split of tests/benchmarks/faq, the demo bank's golden questions, and where --data
has them JSQuAD and CLINC150's test questions. --tune fits the constants of assistant/retrieval/ranking.py on the tune
split and CLINC150's validation questions, and --ablation compares parts on the same tuning data. --peer runs
LangChain's in-memory store on sentence-transformers, in the same run.
"""

import argparse
import asyncio
import csv
import importlib.util
import json
import tempfile
import time
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from numpy.typing import NDArray

from assistant.engines.e5_small import E5Small
from assistant.ingestion.ingest import ingest
from assistant.retrieval.index import Index
from assistant.retrieval.query import load_synonyms
from assistant.retrieval.retrieve import Retriever
from tests.benchmarks.retrieval_extra import ablation, large, tune

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
TOP = 10


@dataclass(frozen=True)
class Question:
    """A question and the pages (or ``page#anchor``) that answer it; none: nothing fits."""

    text: str
    relevant: frozenset[str]
    tuning: bool = False


@dataclass
class Collection:
    """A knowledge folder with questions."""

    name: str
    language: str
    knowledge: Path
    questions: list[Question] = field(default_factory=list)


@dataclass(frozen=True)
class Scored:
    """One way of searching on one collection."""

    recall: tuple[float, float, float]
    mrr: float
    ndcg: float
    auroc: float | None
    ms: tuple[float, float]


def faq(language: str, folder: Path) -> Collection:
    """Read tests/benchmarks/faq."""
    made = Collection(f"faq-{language}", language, folder)
    path = folder / "pages" / language / "faq.csv"
    path.parent.mkdir(parents=True)
    path.write_bytes((HERE / "faq" / f"collection.{language}.csv").read_bytes())
    for line in (HERE / "faq" / f"queries.{language}.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        relevant = frozenset(f"{language}/faq.csv#{name}" for name in row["relevant"])
        made.questions.append(Question(row["text"], relevant, row["split"] == "tune"))
    return made


def demo(language: str) -> Collection:
    """Read the demo bank's golden questions (never tuned on)."""
    made = Collection(f"demo-{language}", language, ROOT / "knowledge")
    for row in tomllib.loads((ROOT / "knowledge" / "questions.toml").read_text(encoding="utf-8"))["question"]:
        if row["lang"] == language and ("cites" in row or row.get("unknown")):
            made.questions.append(Question(row["ask"], frozenset(row.get("cites", ()))))
    return made


def jsquad(data: Path, folder: Path) -> Collection:
    """Make a page of every paragraph of JSQuAD (measure only)."""
    made = Collection("jsquad", "ja", folder)
    pages = folder / "pages" / "ja"
    pages.mkdir(parents=True)
    articles = json.loads((data / "jsquad" / "valid-v1.3.json").read_text(encoding="utf-8"))["data"]
    for number, (article, paragraph) in enumerate((a, p) for a in articles for p in a["paragraphs"]):
        text = paragraph["context"].split("[SEP]")[-1].strip()
        (pages / f"{number}.md").write_text(f"# {article['title']}\n\n{text}\n", encoding="utf-8")
        made.questions += [Question(qa["question"], frozenset([f"ja/{number}.md"])) for qa in paragraph["qas"]]
    return made


def clinc(data: Path, folder: Path) -> Collection:
    """Make an FAQ of CLINC150: three training questions per intent; ``val`` tunes, ``test`` measures."""
    made = Collection("clinc150", "en", folder)
    parts = json.loads((data / "clinc150" / "data_full.json").read_text(encoding="utf-8"))
    rows: dict[str, list[str]] = {}
    for text, intent in parts["train"]:
        if len(rows.setdefault(intent, [])) < 3:
            rows[intent].append(text)
    path = folder / "pages" / "en" / "intents.csv"
    path.parent.mkdir(parents=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "question", "answer"])
        writer.writerows((f"{intent}-{n}", text, "") for intent, texts in rows.items() for n, text in enumerate(texts))
    for part, tuning in (("val", True), ("test", False)):
        made.questions += [Question(text, frozenset(f"en/intents.csv#{intent}-{n}" for n in range(3)), tuning)
                           for text, intent in parts[part][::4]]
        made.questions += [Question(text, frozenset(), tuning) for text, _ in parts[f"oos_{part}"]]
    return made


def places(hits: Sequence[Any]) -> list[set[str]]:
    """Give what each hit may be called in a list of relevant ones."""
    return [{hit.passage.page, f"{hit.passage.page}#{hit.passage.anchor}"} for hit in hits]


def rank(found: Sequence[set[str]], relevant: frozenset[str]) -> int:
    """Give the place (from 0) of the first relevant hit, or a large number."""
    return next((place for place, names in enumerate(found) if names & relevant), 1_000)


def auroc(right: Sequence[float], wrong: Sequence[float]) -> float | None:
    """Give the probability that an answerable question has more strength than one that nothing answers."""
    if not len(right) or not len(wrong):
        return None
    a, b = np.asarray(right)[:, None], np.asarray(wrong)[None, :]
    return float((a > b).mean() + 0.5 * (a == b).mean())


def score(retriever: Retriever, collection: Collection, questions: list[Question],
          vectors: NDArray[np.float32] | None) -> Scored:
    """Search every question; time is that of the search alone."""
    ranks, right, wrong, spent = [], [], [], []
    for number, question in enumerate(questions):
        began = time.perf_counter()
        vector = None if vectors is None else vectors[number]
        evidence = retriever.retrieve(question.text, vector, collection.language, TOP)
        spent.append((time.perf_counter() - began) * 1000)
        (right if question.relevant else wrong).append(evidence.strength)
        if question.relevant:
            ranks.append(rank(places(evidence.hits), question.relevant))
    return Scored(*quality(np.asarray(ranks)), auroc(right, wrong),
                  (float(np.percentile(spent, 50)), float(np.percentile(spent, 95))))


def quality(ranks: NDArray[np.int64]) -> tuple[tuple[float, float, float], float, float]:
    """Give Recall@1/3/10 (any relevant one), MRR@10 and nDCG@10 (of the first relevant one)."""
    first = ranks < TOP
    recall = (float((ranks < 1).mean()), float((ranks < 3).mean()), float(first.mean()))
    mrr, ndcg = np.where(first, 1 / (ranks + 1.0), 0).mean(), np.where(first, 1 / np.log2(ranks + 2.0), 0).mean()
    return recall, float(mrr), float(ndcg)


def show(name: str, found: Scored, base: Scored | None) -> None:
    """Print a row, and its ratio to ``base``."""
    r1, r3, r10 = found.recall
    honest = f"{found.auroc:.3f}" if found.auroc is not None else "  -  "
    ratio = ""
    if base:
        ratio = f"  R@10 x{r10 / max(base.recall[2], 1e-9):.2f} nDCG x{found.ndcg / max(base.ndcg, 1e-9):.2f}"
    print(f"  {name:34} R@1 {r1:.3f}  R@3 {r3:.3f}  R@10 {r10:.3f}  MRR {found.mrr:.3f}  nDCG@10 {found.ndcg:.3f}  "
          f"AUROC {honest}  search p50 {found.ms[0]:.2f} p95 {found.ms[1]:.2f} ms{ratio}", flush=True)


async def whole(embedder: E5Small, index: Index, collection: Collection, questions: list[Question],
                vectors: NDArray[np.float32]) -> Scored:
    """Search one vector per passage, head and body in one text: the same weights as anybody would use them."""
    own = [p for p in index.passages if p.language == collection.language]
    rows = await embedder.embed([f"{p.question or ' / '.join(p.headings)}\n{p.text}" for p in own], "passage")
    ranks = []
    for question, scores in zip(questions, vectors @ rows.T, strict=True):
        if question.relevant:
            seen: dict[tuple[str, str], set[str]] = {}
            for n in np.argsort(-scores)[:4 * TOP]:
                seen.setdefault((own[n].page, own[n].anchor), {own[n].page, f"{own[n].page}#{own[n].anchor}"})
            ranks.append(rank(list(seen.values())[:TOP], question.relevant))
    return Scored(*quality(np.asarray(ranks)), None, (0.0, 0.0))


def peer(name: str, index: Index, collection: Collection, questions: list[Question]) -> Scored:
    """Run LangChain's in-memory store on sentence-transformers."""
    from langchain_core.documents import Document
    from langchain_core.vectorstores import InMemoryVectorStore

    from assistant.engines.langchain_embeddings import LangChainEmbeddings
    from assistant.engines.sentence_transformers import SentenceTransformersEmbedder

    store = InMemoryVectorStore(LangChainEmbeddings(SentenceTransformersEmbedder(name)))
    own = [p for p in index.passages if p.language == collection.language]
    store.add_documents([Document(f"{p.question or ' / '.join(p.headings)}\n{p.text}",
                                  metadata={"names": [p.page, f"{p.page}#{p.anchor}"]}) for p in own])
    ranks, spent = [], []
    for question in questions:
        began = time.perf_counter()
        found = store.similarity_search(question.text, TOP)
        spent.append((time.perf_counter() - began) * 1000)
        if question.relevant:
            ranks.append(rank([set(document.metadata["names"]) for document in found], question.relevant))
    return Scored(*quality(np.asarray(ranks)), None, (float(np.percentile(spent, 50)), float(np.percentile(spent, 95))))


async def measure(collection: Collection, folder: Path, embedder: E5Small, options: argparse.Namespace) -> None:
    """Ingest a collection and print its table."""
    questions = [question for question in collection.questions if not question.tuning]
    report = await ingest(collection.knowledge, folder, embedder)
    index = Index.load(folder)
    retriever = Retriever(index, load_synonyms(collection.knowledge / "synonyms.toml"))
    began = time.perf_counter()
    vectors = await embedder.embed([question.text for question in questions], "query")
    each = (time.perf_counter() - began) * 1000 / len(questions)
    answerable = sum(bool(question.relevant) for question in questions)
    print(f"\n{collection.name}: {report.passages} passages ingested at {report.passages / report.seconds:.1f}/s; "
          f"{answerable} questions with an answer, {len(questions) - answerable} without; "
          f"embedding a question {each:.1f} ms in batch")
    keywords = score(retriever, collection, questions, None)
    show("keywords alone (BM25)", keywords, None)
    show("one vector per passage", await whole(embedder, index, collection, questions, vectors), keywords)
    if options.peer:
        show("LangChain + sentence-transformers", peer(options.peer, index, collection, questions), keywords)
    show("ours", score(retriever, collection, questions, vectors), keywords)


async def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--peer", help="a sentence-transformers model or folder to run in LangChain")
    parser.add_argument("--large", action="store_true", help="time searches over 100,000 passages")
    parser.add_argument("--ablation", action="store_true", help="compare parts on tuning data")
    parser.add_argument("--tune", action="store_true", help="fit the constants of ranking.py on tuning data")
    options = parser.parse_args()
    if options.peer and importlib.util.find_spec("sentence_transformers") is None:
        parser.error("--peer needs the extra [sentence-transformers]")
    if options.large:
        large()
        return
    embedder = E5Small()
    embedder.warm_up()
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        collections = [faq("ja", root / "a"), faq("en", root / "b")]
        if (options.data / "clinc150").is_dir():
            collections.append(clinc(options.data, root / "d"))
        if options.tune or options.ablation:
            await (tune if options.tune else ablation)(collections, root, embedder)
            return
        collections += [demo("ja"), demo("en")]
        if (options.data / "jsquad").is_dir():
            collections.append(jsquad(options.data, root / "c"))
        else:
            print(f"no JSQuAD or CLINC150 in {options.data}: left out")
        for number, collection in enumerate(collections):
            await measure(collection, root / f"index{number}", embedder, options)
    print(f"\nresident memory at the end: {psutil.Process().memory_info().rss / 1e6:.0f} MB")


if __name__ == "__main__":
    asyncio.run(main())
