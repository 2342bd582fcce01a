"""A small company with a real store, model, index and turn flow, for tests of what order things happen in."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from assistant.conversation import Actor, Conversation, new_id
from assistant.database import open_database
from assistant.decision.policy import load_policy
from assistant.engines.e5_small import E5Small
from assistant.engines.extract import ExtractWriter
from assistant.events import Fact, draft
from assistant.facts import MessageCreated
from assistant.flows.turn import Stages, TurnFlow
from assistant.handoff.hand_over import HandOver
from assistant.ingestion.ingest import ingest
from assistant.phrases import load_phrases
from assistant.ports import Embedder, Writer
from assistant.reply.compose import Composer
from assistant.reply.persona import load_persona
from assistant.retrieval.index import Index
from assistant.retrieval.retrieve import Retriever
from assistant.settings import packaged
from assistant.transcript.store import Store
from assistant.understanding.judge import HeadsJudge
from assistant.understanding.understand import Understanding

PAGES = {
    "ja/cards/lost-card.md": "# カードをなくしたとき\n\n## 今すぐ利用を止める {#freeze}\n\n"
                             "紛失・盗難受付デスク 0120-000-119（24時間）へお電話ください。\n",
    "ja/fees.md": "# 手数料\n\n## カードの再発行 {#card}\n\nキャッシュカードの再発行手数料は1,100円（税込）です。"
                  "お届けまで約1週間かかります。\n\n## 振込 {#transfer}\n\n他行あての振込手数料はアプリで145円です。\n",
    "ja/hours.md": "# 営業時間\n\n## 窓口 {#counter}\n\n窓口は平日の9時から15時まで営業しています。\n",
    "en/hours.md": "# Opening hours\n\n## Counter {#counter}\n\nBranches are open from 9:00 to 15:00 on weekdays.\n",
    "en/fees.md": "# Fees\n\n## Card replacement {#card}\n\nReplacing a cash card costs 1,100 yen including tax.\n",
}


@dataclass(slots=True)
class Recorder:
    """A real listener: keeps every fact and frame in the order in which they came."""

    seen: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    async def facts(self, conversation: str, facts: Sequence[object]) -> None:
        self.seen += [(fact.type, fact.data) for fact in facts if isinstance(fact, Fact)]

    async def frame(self, conversation: str, frame: dict[str, object], audience: str = "all") -> None:
        self.seen.append((str(frame["type"]), frame))

    def of(self, kind: str) -> list[dict[str, object]]:
        return [data for name, data in self.seen if name == kind]

    def streamed(self) -> str:
        return "".join(str(frame["text"]) for frame in self.of("message.delta"))


@dataclass(slots=True)
class House:
    """Everything a test needs of one running flow."""

    store: Store
    heard: Recorder
    flow: TurnFlow
    conversation: Conversation

    async def say(self, text: str) -> None:
        """Store a visitor's message and give it to the flow."""
        message = draft("message.created", MessageCreated(message=new_id("m"), text=text), Actor("visitor"))
        stored = await self.store.append(self.conversation.id, [message])
        await self.flow.take(self.conversation.id, stored.facts[0])

    async def settled(self) -> None:
        """Wait until no reply is being made."""
        async with asyncio.timeout(30):
            while self.flow.running(self.conversation.id):
                await asyncio.sleep(0.01)


def write_pages(folder: Path) -> None:
    """Write the company's pages."""
    for name, text in PAGES.items():
        path = folder / "pages" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@asynccontextmanager
async def house(folder: Path, *, writer: Writer | None = None, embedder: Embedder | None = None, indexed: bool = True,
                longest_s: float = 28.0, locale: str = "ja") -> AsyncIterator[House]:
    """Open the company in ``folder``; ``embedder`` None means the packaged model."""
    knowledge, own = folder / "knowledge", packaged("knowledge")
    write_pages(knowledge)
    listener = E5Small()
    model = embedder or listener
    index = None
    if indexed:
        await ingest(knowledge, folder / "index", model)
        index = Index.load(folder / "index")
    store, heard = Store(open_database(f"sqlite+aiosqlite:///{folder}/house.sqlite3")), Recorder()
    await store.migrate()
    phrases, persona, policy = load_phrases(knowledge, own / "phrases"), load_persona(own), load_policy(knowledge, own)
    quoting = ExtractWriter()
    flow = TurnFlow(Stages(
        store=store, broadcast=heard, phrases=phrases, policy=policy, listener=listener, embedder=model,
        judge=HeadsJudge(Understanding.load(knowledge, own), listener), retriever=Retriever(index, abstain=policy.retrieval.abstain),
        composer=Composer(phrases, persona, writer or quoting, quoting),
        hand_over=HandOver.alone(store, heard, phrases, policy),
    ), longest_s)
    try:
        yield House(store, heard, flow, await store.create_conversation("v_1", locale, {}))
    finally:
        await flow.drain(1)
        await store.close()
