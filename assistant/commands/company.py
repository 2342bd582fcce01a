"""Puts one company's parts together from its knowledge folder and the settings; every command starts here."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from assistant.decision.policy import Policy, load_policy
from assistant.engines.extract import ExtractWriter
from assistant.engines.registry import make_embedder, make_listener, make_writer
from assistant.errors import IndexUnavailable, KnowledgeError
from assistant.ingestion.ingest import Report, ingest
from assistant.phrases import Phrases, load_phrases
from assistant.ports import Embedder, Listener
from assistant.reply.compose import Composer
from assistant.reply.persona import Persona, load_persona
from assistant.retrieval.index import Index
from assistant.retrieval.query import load_synonyms
from assistant.retrieval.retrieve import Retriever
from assistant.settings import Settings, packaged
from assistant.understanding.understand import Understanding


@dataclass(frozen=True, slots=True)
class Company:
    """What a company is to this program: its voice, its rules and its knowledge."""

    knowledge: Path
    phrases: Phrases
    persona: Persona
    policy: Policy
    embedder: Embedder
    listener: Listener
    understanding: Understanding
    retriever: Retriever
    composer: Composer


def knowledge_folder(settings: Settings) -> Path:
    """Give the knowledge folder. Raises KnowledgeError when it is not there, with what to do."""
    folder = Path(settings.knowledge)
    if not folder.is_dir():
        raise KnowledgeError(folder, 0, "no such folder; name yours with --knowledge DIR (pages go into DIR/pages/)")
    return folder


def load_company(settings: Settings, index: Index | None = None) -> Company:
    """Read persona, policy, phrases and moments; the models are not loaded yet. Raises ConfigurationError."""
    knowledge = knowledge_folder(settings)
    own = packaged("knowledge")
    phrases = load_phrases(knowledge, own / "phrases")
    persona = load_persona(knowledge)
    policy = load_policy(knowledge, own)
    quoting = ExtractWriter()
    writer = quoting if settings.writer == "extract" else make_writer(settings)
    retriever = Retriever(index, load_synonyms(knowledge / "synonyms.toml"), abstain=policy.retrieval.abstain)
    embedder = make_embedder(settings)
    return Company(
        knowledge, phrases, persona, policy, embedder, make_listener(settings, embedder),
        Understanding.load(knowledge, own), retriever, Composer(phrases, persona, writer, quoting),
    )


async def fresh_index(settings: Settings, embedder: Embedder,
                      progress: Callable[[str, int, int], None] | None = None) -> tuple[Index, Report]:
    """Bring the index up to date with the folder (only what changed is embedded again) and load it."""
    report = await ingest(knowledge_folder(settings), Path(settings.index), embedder, progress)
    return Index.load(Path(settings.index)), report


def saved_index(settings: Settings) -> Index | None:
    """Load the index as it was saved, or None when there is none that can be used."""
    try:
        return Index.load(Path(settings.index))
    except IndexUnavailable:
        return None
