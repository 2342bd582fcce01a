"""A visitor's turn ends in exactly one of: a whole reply, a place in the line, an honest failure and a person."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from assistant.conversation import Driver
from assistant.errors import ModelUnavailable, WriterUnavailable
from assistant.ports import TextKind, Vectors, WritingTask
from assistant.reply.grounding import numbers
from tests.flows.house import House, house

ENDS = {"run.completed", "run.failed", "run.cancelled"}


class Stumbling:
    """A writer that fails after so many pieces, as a language model's line does."""

    name = "stumbling"

    def __init__(self, pieces: Sequence[str], pause: float = 0.0) -> None:
        self._pieces = pieces
        self._pause = pause

    async def write(self, task: WritingTask) -> AsyncIterator[str]:
        for piece in self._pieces:
            await asyncio.sleep(self._pause)
            yield piece
        raise WriterUnavailable("the line is dead")


class NoModel:
    """An embedder whose model is missing."""

    name, dimension = "none", 384

    def warm_up(self) -> None:
        raise ModelUnavailable("no model here")

    async def embed(self, texts: Sequence[str], kind: TextKind) -> Vectors:
        raise ModelUnavailable("no model here")


def ends(one: House) -> list[str]:
    return [name for name, _ in one.heard.seen if name in ENDS]


async def test_an_answer_streams_then_stands_whole_with_its_citation(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        await one.say("キャッシュカードの再発行手数料はいくらですか")
        await one.settled()
        message = one.heard.of("message.created")[-1]
        assert "1,100円" in str(message["text"])
        assert message["citations"][0]["page"] == "ja/fees.md"  # type: ignore[index]
        assert one.heard.streamed().strip() == message["text"]
        assert ends(one) == ["run.completed"]


async def test_every_number_of_a_reply_stands_on_a_cited_page(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        for question in ("再発行はいくら？", "窓口は何時まで？", "他行への振込手数料は？"):
            await one.say(question)
            await one.settled()
        page = "紛失 1,100 1 145 9 15 0120-000-119 24"
        for message in one.heard.of("message.created"):
            assert numbers(str(message["text"])) <= numbers(page)


async def test_replies_follow_the_visitors_language(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        await one.say("When are your branches open?")
        await one.settled()
        assert "9:00 to 15:00" in str(one.heard.of("message.created")[-1]["text"])


async def test_a_lost_card_gets_the_urgent_step_before_the_line(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        await one.say("財布ごとカードを盗まれました。今すぐ止めてください")
        await one.settled()
        step, words = one.heard.of("message.created")[-2:]
        assert "0120-000-119" in str(step["text"])
        assert step["citations"]
        assert "順番" in str(words["text"])
        assert (await one.store.conversation(one.conversation.id)).driver is Driver.QUEUED
        assert ends(one) == ["run.completed"]


async def test_nothing_is_said_about_connecting_unless_the_place_is_taken(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        for text in ("窓口は何時まで？", "担当者と話したいです", "まだですか", "再発行はいくら？"):
            await one.say(text)
            await one.settled()
        said = sum("お預かりしました" in str(m["text"]) for m in one.heard.of("message.created"))
        assert said == len(one.heard.of("handoff.queued")) == 1


async def test_what_no_page_says_is_said_to_be_unknown_and_a_person_is_offered(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        await one.say("宇宙旅行の保険はありますか")
        await one.settled()
        message = one.heard.of("message.created")[-1]
        assert not message.get("citations")
        assert message.get("offer") == "person" or message.get("quick_replies")


@pytest.mark.parametrize("without", ["model", "index"])
async def test_a_missing_part_degrades_and_the_turn_still_ends(tmp_path: Path, without: str) -> None:
    async with house(tmp_path, indexed=without != "index") as one:
        if without == "model":
            one.flow._stages = type(one.flow._stages)(**{  # type: ignore[misc]
                name: NoModel() if name == "embedder" else getattr(one.flow._stages, name)
                for name in one.flow._stages.__slots__})
        await one.say("キャッシュカードの再発行手数料")
        await one.settled()
        text = str(one.heard.of("message.created")[-1]["text"])
        assert ("1,100円" in text) == (without == "model")
        assert ends(one) == ["run.completed"]


async def test_a_writer_that_fails_at_once_is_replaced_by_quotes(tmp_path: Path) -> None:
    async with house(tmp_path, writer=Stumbling([])) as one:
        await one.say("キャッシュカードの再発行手数料はいくらですか")
        await one.settled()
        text = str(one.heard.of("message.created")[-1]["text"])
        assert "1,100円" in text
        assert "一部の機能が使えない" in text


async def test_a_writer_cut_in_mid_sentence_is_an_honest_failure_that_keeps_what_was_shown(tmp_path: Path) -> None:
    pieces = ["キャッシュカードの再発行手数料は1,100円（税込）です。[1]", "お届けまで約1週間かかります。[1]", "そして"]
    async with house(tmp_path, writer=Stumbling(pieces)) as one:
        await one.say("キャッシュカードの再発行手数料はいくらですか")
        await one.settled()
        failed = one.heard.of("run.failed")[0]
        assert "1,100円" in str(failed["partial"])
        assert failed["offer"] == "person"
        assert ends(one) == ["run.failed"]


async def test_an_invented_number_never_reaches_the_visitor(tmp_path: Path) -> None:
    pieces = ["再発行手数料は9,999円です。[1]", "キャッシュカードの再発行手数料は1,100円（税込）です。[1]\n"]
    async with house(tmp_path, writer=Stumbling(pieces)) as one:
        await one.say("キャッシュカードの再発行手数料はいくらですか")
        await one.settled()
        assert "9,999" not in one.heard.streamed()


async def test_a_turn_is_over_in_time(tmp_path: Path) -> None:
    async with house(tmp_path, writer=Stumbling(["…"], pause=20), longest_s=0.8) as one:
        await one.say("キャッシュカードの再発行手数料はいくらですか")
        await one.settled()
        assert one.heard.of("run.failed")[0]["reason"] == "timeout"


async def test_a_visitor_may_stop_a_reply_and_what_was_shown_is_kept(tmp_path: Path) -> None:
    slow = Stumbling(["キャッシュカードの再発行手数料は1,100円（税込）です。[1]お"] + ["届"] * 50, pause=0.2)
    async with house(tmp_path, writer=slow) as one:
        await one.say("キャッシュカードの再発行手数料はいくらですか")
        await asyncio.sleep(1)
        await one.flow.cancel(one.conversation.id)
        assert ends(one) == ["run.cancelled"]
        assert one.heard.of("run.cancelled")[0].get("kept", "") == one.heard.streamed()


async def test_no_assistant_text_follows_an_agents_acceptance(tmp_path: Path) -> None:
    slow = Stumbling(["キャッシュカードの再発行手数料は1,100円（税込）です。[1]お"] + ["届"] * 5, pause=0.2)
    async with house(tmp_path, writer=slow) as one:
        await one.say("キャッシュカードの再発行手数料はいくらですか")
        await asyncio.sleep(0.7)
        await one.store.append(one.conversation.id, [], to=Driver.AGENT)
        await one.settled()
        stored = await one.store.facts_after(one.conversation.id, 0)
        assert [fact for fact in stored if fact.type == "message.created" and fact.actor.kind == "assistant"] == []


async def test_messages_sent_in_a_burst_are_answered_together_in_order(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        await asyncio.gather(*(one.say(text) for text in ("すみません", "再発行の手数料なんですが", "いくらですか")))
        await one.settled()
        stored = await one.store.facts_after(one.conversation.id, 0)
        assert [fact.seq for fact in stored] == list(range(1, len(stored) + 1))
        assert 1 <= len(ends(one)) <= 3


async def test_the_mood_never_smiles_at_a_death(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        await one.say("恐れ入ります、母が先日亡くなりまして口座の件でうかがいたいのですが")
        await one.settled()
        moods = {str(frame["mood"]) for frame in one.heard.of("avatar.mood")}
        assert moods & {"grave", "concerned", "calm"}
        assert moods.isdisjoint({"happy", "warm", "speaking"})
        assert "！" not in one.heard.streamed()
