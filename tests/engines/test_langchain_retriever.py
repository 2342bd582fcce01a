"""A LangChain program searches our index through LangChain's own interfaces."""

import asyncio
from pathlib import Path

import pytest
from langchain_core.runnables import RunnableLambda

from assistant.engines.langchain_retriever import KnowledgeRetriever, KnowledgeStore
from assistant.ingestion.ingest import ingest
from assistant.retrieval.index import Index
from assistant.retrieval.retrieve import Retriever
from tests.ingestion.letters import Letters


@pytest.fixture
def store(tmp_path: Path) -> KnowledgeStore:
    pages = tmp_path / "k" / "pages" / "ja"
    pages.mkdir(parents=True)
    text = "# 口座\n\n## 開く {#open}\n\n窓口で口座を開けます。\n\n## 閉じる {#close}\n\nアプリで。\n"
    (pages / "a.md").write_text(text, "utf-8")
    asyncio.run(ingest(tmp_path / "k", tmp_path / "index", Letters()))
    return KnowledgeStore(Retriever(Index.load(tmp_path / "index")), Letters())


def test_documents_carry_page_anchor_and_score(store: KnowledgeStore) -> None:
    (document, score), *_ = store.similarity_search_with_score("口座を開きたい", k=2)
    assert (document.metadata["page"], document.metadata["anchor"], document.id) == ("ja/a.md", "open", "ja/a.md#open")
    assert document.metadata["score"] == score
    assert 0 <= document.metadata["strength"] <= 1


async def test_it_is_a_runnable_that_joins_a_chain(store: KnowledgeStore) -> None:
    chain = store.as_retriever(search_kwargs={"k": 1}) | RunnableLambda(lambda documents: documents[0].page_content)
    assert await chain.ainvoke("口座を開きたい") == "窓口で口座を開けます。"


def test_the_retriever_gives_nothing_below_its_strength(store: KnowledgeStore) -> None:
    assert KnowledgeRetriever(store=store, k=1).invoke("口座を開きたい")[0].metadata["anchor"] == "open"
    assert KnowledgeRetriever(store=store, at_least=1.0).invoke("口座を開きたい") == []


def test_pages_are_not_added_through_langchain(store: KnowledgeStore) -> None:
    with pytest.raises(NotImplementedError, match="knowledge/pages"):
        store.add_texts(["x"])
