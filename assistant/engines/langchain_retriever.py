"""Our index as LangChain's ``VectorStore`` and retriever, so that any LangChain program can search it.

It owns the translation to documents only; pages are added by editing the knowledge folder, never through here.
"""

import asyncio
from collections.abc import Iterable
from typing import Any, Self

from langchain_core.callbacks import AsyncCallbackManagerForRetrieverRun, CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.retrievers import BaseRetriever
from langchain_core.vectorstores import VectorStore
from pydantic import ConfigDict

from assistant.knowledge import Evidence, Hit
from assistant.ports import Embedder
from assistant.retrieval.retrieve import Retriever
from assistant.retrieval.words import script_language


class KnowledgeStore(VectorStore):
    """Hybrid search over the company's pages behind LangChain's interface; read-only.

    ``language`` is the visitor's (``ja`` or ``en``); None tells it from each question.
    """

    def __init__(self, retriever: Retriever, embedder: Embedder | None = None, language: str | None = None) -> None:
        self._retriever = retriever
        self._embedder = embedder
        self._language = language

    @property
    def embeddings(self) -> Embeddings | None:
        """None: embedding happens inside, together with keyword search."""
        return None

    async def asimilarity_search_with_score(self, query: str, k: int = 4, **_: Any) -> list[tuple[Document, float]]:
        """Give up to ``k`` documents with fused scores, best first; scores compare within one query only."""
        evidence = await self._evidence(query, k)
        return [(_document(hit, evidence), hit.score) for hit in evidence.hits]

    async def asimilarity_search(self, query: str, k: int = 4, **_: Any) -> list[Document]:
        """Give up to ``k`` documents, best first."""
        return [document for document, _score in await self.asimilarity_search_with_score(query, k)]

    def similarity_search_with_score(self, query: str, k: int = 4, **_: Any) -> list[tuple[Document, float]]:
        """Do the same for a program without an event loop."""
        return asyncio.run(self.asimilarity_search_with_score(query, k))

    def similarity_search(self, query: str, k: int = 4, **_: Any) -> list[Document]:
        """Do the same for a program without an event loop."""
        return [document for document, _score in self.similarity_search_with_score(query, k)]

    def add_texts(self, texts: Iterable[str], metadatas: list[dict[str, Any]] | None = None, **_: Any) -> list[str]:
        """Refuse: what the company knows is its folder, and the index follows that."""
        raise NotImplementedError("add a file to knowledge/pages instead; the index follows within seconds")

    @classmethod
    def from_texts(cls, texts: list[str], embedding: Embeddings, metadatas: list[dict[str, Any]] | None = None,
                   **_: Any) -> Self:
        """Refuse, for the same reason."""
        raise NotImplementedError("make a knowledge folder and run omotenashi ingest instead")

    async def _evidence(self, query: str, k: int) -> Evidence:
        vector = (await self._embedder.embed([query], "query"))[0] if self._embedder is not None else None
        return self._retriever.retrieve(query, vector, self._language or script_language(query), k)


class KnowledgeRetriever(BaseRetriever):
    """A LangChain retriever over ``KnowledgeStore``; gives nothing when the evidence is weaker than ``at_least``."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    store: KnowledgeStore
    k: int = 4
    at_least: float = 0.0

    async def _aget_relevant_documents(self, query: str, *,
                                       run_manager: AsyncCallbackManagerForRetrieverRun) -> list[Document]:
        found = await self.store.asimilarity_search(query, self.k)
        return found if found and found[0].metadata["strength"] >= self.at_least else []

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        found = self.store.similarity_search(query, self.k)
        return found if found and found[0].metadata["strength"] >= self.at_least else []


def _document(hit: Hit, evidence: Evidence) -> Document:
    passage = hit.passage
    return Document(id=passage.id, page_content=passage.text, metadata={
        "page": passage.page, "anchor": passage.anchor, "title": passage.title, "headings": list(passage.headings),
        "language": passage.language, "url": passage.url, "question": passage.question, "score": hit.score,
        "strength": evidence.strength})
