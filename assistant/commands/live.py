"""Keeps a running server's knowledge up to date: a saved index at once, keywords while vectors are made, then live."""

import asyncio
import contextlib
import logging
from pathlib import Path

from assistant.commands.company import Company
from assistant.engines.registry import make_judge
from assistant.errors import OmotenashiError
from assistant.flows.turn import TurnFlow
from assistant.ingestion.ingest import ingest, watch
from assistant.knowledge import Page
from assistant.retrieval.index import Index
from assistant.retrieval.query import load_synonyms
from assistant.settings import Settings

log = logging.getLogger(__name__)


class LiveKnowledge:
    """Swaps the retriever's index whole whenever the folder has changed; turns under way end on their own index."""

    def __init__(self, company: Company, settings: Settings, turn: TurnFlow) -> None:
        self._company = company
        self._turn = turn
        self._settings = settings
        self._folder = Path(settings.index)
        self._stop = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.model_ready = False

    async def start(self) -> None:
        """Begin in the background: the server is ready before the models are."""
        self._task = asyncio.create_task(self._run(), name="knowledge")

    async def stop(self) -> None:
        """End the watch and wait for it."""
        self._stop.set()
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def page(self, page_id: str) -> Page | None:
        """Find a page in the index that is being served."""
        index = self._company.retriever.index
        return index.page(page_id) if index else None

    def ready(self) -> dict[str, bool]:
        """Tell which parts work; without either of them the server still serves, and says so."""
        return {"index": self._company.retriever.index is not None, "model": self.model_ready}

    async def _run(self) -> None:
        try:
            if self._company.retriever.index is None:
                await self._build(with_model=False)
            await self._warm_up()
            await self._build(with_model=self.model_ready)
        except OmotenashiError as error:
            log.error("the knowledge could not be read: %s", error)
        embedder = self._company.embedder if self.model_ready else None
        await watch(self._company.knowledge, self._folder, embedder, self._swap, self._stop)

    async def _warm_up(self) -> None:
        try:
            await asyncio.to_thread(self._company.embedder.warm_up)
            self.model_ready = True
            understanding = await self._company.understanding.with_prototypes(self._company.listener)
            self._turn.read_with(make_judge(self._settings, understanding, self._company.listener))
        except OmotenashiError as error:
            log.error("no embedding model, keywords serve: %s", error)

    async def _build(self, *, with_model: bool) -> None:
        embedder = self._company.embedder if with_model else None
        report = await ingest(self._company.knowledge, self._folder, embedder)
        await self._swap(Index.load(self._folder))
        log.info("knowledge: %d pages, %d passages, %.1f s", report.pages, report.passages, report.seconds)

    async def _swap(self, index: Index) -> None:
        self._company.retriever.swap(index, load_synonyms(self._company.knowledge / "synonyms.toml"))
