"""The OpenAI-compatible engine with the real client against a scripted server, and LangChain's view of an embedder."""

import time

import numpy as np
import pytest

from assistant.engines.e5_small import E5Small
from assistant.engines.langchain_embeddings import LangChainEmbeddings
from assistant.engines.openai_embeddings import REQUEST_TEXTS, OpenAIEmbedder
from assistant.errors import ModelUnavailable
from tests.engines.scripted_embeddings import EmbeddingScript, scripted_embeddings, vector


async def test_vectors_come_back_in_the_order_asked() -> None:
    with scripted_embeddings(EmbeddingScript("shuffled")) as url:
        found = await OpenAIEmbedder("scripted", base_url=url).embed(["a", "b", "c"], "query")
    wanted = np.array([vector(text) for text in "abc"])
    assert np.allclose(found, wanted / np.linalg.norm(wanted, axis=1, keepdims=True), atol=1e-5)


async def test_key_model_and_prefixes_are_sent_and_requests_are_bounded() -> None:
    script = EmbeddingScript()
    with scripted_embeddings(script) as url:
        made = OpenAIEmbedder("my-model", base_url=url, key="k-123", prefixes={"passage": "passage: "})
        await made.embed([f"text {i}" for i in range(250)], "passage")
    sent = [request["input"] for request in script.requests[1:]]  # the first asked for the dimension
    assert script.requests[0]["model"] == "my-model"
    assert set(script.keys) == {"Bearer k-123"}
    assert [len(some) for some in sent] == [REQUEST_TEXTS, REQUEST_TEXTS, 58]
    assert sent[0][0] == "passage: text 0"


@pytest.mark.parametrize(
    ("mode", "says"),
    [
        ("refuse", "key"),
        ("forbid", "may not use"),
        ("missing", "no such model"),
        ("limit", "try later"),
        ("crash", "try later"),
        ("html", "something else"),
        ("short", "vectors"),
        ("zero", "vectors"),
        ("hang", "in time"),
    ],
)
async def test_whatever_the_endpoint_does_is_one_clear_error(mode: str, says: str) -> None:
    script = EmbeddingScript()
    with scripted_embeddings(script) as url:
        made = OpenAIEmbedder("scripted", base_url=url, timeout_s=0.2, retries=0)
        for warm in (False, True):  # at the first call and later
            if warm:
                script.mode = "right"
                made.warm_up()
            script.mode = mode
            with pytest.raises(ModelUnavailable, match=says) as caught:
                await made.embed(["秘密の質問", "x"], "query")
            assert "秘密" not in str(caught.value)


async def test_an_unreachable_endpoint_is_reported_soon() -> None:
    before = time.perf_counter()
    with pytest.raises(ModelUnavailable, match="cannot be reached"):
        await OpenAIEmbedder("scripted", base_url="http://127.0.0.1:9/v1", retries=0).embed(["x"], "query")
    assert time.perf_counter() - before < 5


async def test_langchain_gets_the_same_vectors_also_inside_a_running_loop() -> None:
    embedder = E5Small()
    lent = LangChainEmbeddings(embedder)
    wanted = await embedder.embed(["営業時間", "手数料"], "passage")
    assert np.allclose(lent.embed_documents(["営業時間", "手数料"]), wanted, atol=1e-6)
    assert np.allclose(await lent.aembed_documents(["営業時間", "手数料"]), wanted, atol=1e-6)
    assert np.allclose(lent.embed_query("営業時間"), await lent.aembed_query("営業時間"), atol=1e-6)
