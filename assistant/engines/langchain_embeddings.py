"""Lends any embedder to LangChain, so that its vector stores and chains can use the packaged model."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from langchain_core.embeddings import Embeddings

from assistant.ports import Embedder, TextKind, Vectors


class LangChainEmbeddings(Embeddings):
    """LangChain's view of an embedder: documents are passages, queries are queries; vectors have length 1.

    The synchronous methods may be called anywhere, also inside a running event loop (which they then hold up).
    """

    def __init__(self, embedder: Embedder) -> None:
        self.embedder = embedder

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Embed texts that are to be found."""
        return self._now(texts, "passage")

    def embed_query(self, text: str) -> list[float]:
        """Embed one question."""
        return self._now([text], "query")[0]

    async def aembed_documents(self, texts: list[str]) -> list[list[float]]:
        """Embed texts that are to be found, without holding up the event loop."""
        return _lists(await self.embedder.embed(texts, "passage"))

    async def aembed_query(self, text: str) -> list[float]:
        """Embed one question, without holding up the event loop."""
        return _lists(await self.embedder.embed([text], "query"))[0]

    def _now(self, texts: list[str], kind: TextKind) -> list[list[float]]:
        with ThreadPoolExecutor(1) as thread:  # a thread of its own: this one may have a running loop
            return _lists(thread.submit(lambda: asyncio.run(self._embed(texts, kind))).result())

    async def _embed(self, texts: list[str], kind: TextKind) -> Vectors:
        return await self.embedder.embed(texts, kind)


def _lists(vectors: Vectors) -> list[list[float]]:
    return [[float(number) for number in row] for row in vectors]
