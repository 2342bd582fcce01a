"""The language model's writer against a real HTTP server and the real client, in every way a model can fail."""

from dataclasses import replace

import pytest

from assistant.engines.chat import ChatWriter
from assistant.errors import WriterUnavailable
from assistant.knowledge import Evidence, Hit, Passage
from assistant.ports import Tone, WritingTask
from assistant.reply.compose import cite
from tests.scripted_model import Script, scripted_model

PASSAGE = Passage("ja/fees.md#card", "ja/fees.md", "card", "ja", "手数料", ("手数料", "カード"),
                  "再発行手数料は1,100円です。", "0" * 64)
TASK = WritingTask("再発行はいくら？", "ja", Evidence((Hit(PASSAGE, 1.0),), 0.9), (cite(1, PASSAGE),), Tone(), "みお")


def writer(url: str, first_token_s: float = 5.0, total_s: float = 10.0) -> ChatWriter:
    return ChatWriter("openai:scripted", base_url=url, key="test-key", max_tokens=100, first_token_s=first_token_s,
                      total_s=total_s)


async def said(script: Script, **limits: float) -> str:
    async with scripted_model(script) as url:
        return "".join([piece async for piece in writer(url, **limits).write(TASK)])


async def test_it_streams_the_models_words_with_sources_and_rules_kept_apart() -> None:
    script = Script("再発行手数料は1,100円です。[1]")
    assert await said(script) == script.text
    system, human = (message["content"] for message in script.requests[0]["messages"])  # type: ignore[attr-defined]
    assert "<sources>" in human and "1,100円" in human
    assert "1,100円" not in system


async def test_the_model_never_sees_what_identifies_the_customer() -> None:
    script = Script("再発行手数料は1,100円です。[1]")
    task = replace(TASK, question="090-1234-5678 の佐藤です。taro@example.com に再発行の料金を送って")
    async with scripted_model(script) as url:
        _ = [piece async for piece in writer(url).write(task)]
    sent = str(script.requests[0]["messages"])
    assert "090-1234-5678" not in sent
    assert "taro@example.com" not in sent


@pytest.mark.parametrize("mode", ["cut", "no_finish", "error_500", "rate_limit", "html", "endless"])
async def test_a_broken_model_is_one_clear_error(mode: str) -> None:
    with pytest.raises(WriterUnavailable):
        await said(Script("再発行手数料は1,100円です。[1]", mode, size=400))


async def test_a_silent_model_is_given_up_in_time() -> None:
    with pytest.raises(WriterUnavailable):
        await said(Script("x", "hang"), first_token_s=0.3)


async def test_a_model_that_dribbles_is_given_up_in_time() -> None:
    with pytest.raises(WriterUnavailable):
        await said(Script("あいうえお", "slow", size=1), total_s=1.0)


async def test_no_server_at_all_is_the_same_clear_error() -> None:
    with pytest.raises(WriterUnavailable):
        async for _ in writer("http://127.0.0.1:9/v1").write(TASK):
            pass
