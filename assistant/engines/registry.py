"""Which engine a setting names: one table per port; the only place that chooses."""

from assistant.engines.chat import ChatWriter
from assistant.engines.chat_judge import ChatJudge
from assistant.engines.extract import ExtractWriter
from assistant.engines.kokoro_voice import KokoroVoice
from assistant.engines.mei_voice import MeiVoice
from assistant.errors import SettingsError
from assistant.ports import Embedder, Listener, Voice, Writer
from assistant.settings import Settings
from assistant.understanding.judge import HeadsJudge, Judge
from assistant.understanding.understand import Understanding


def make_embedder(settings: Settings) -> Embedder:
    """Make the embedder that ``embedder`` names, not yet warmed up. Raises SettingsError."""
    kind, _, model = str(settings.embedder).partition(":")
    if kind == "packaged":
        from assistant.engines.e5_small import E5Small

        return E5Small(threads=settings.threads)
    if kind == "st" and model:
        from assistant.engines.sentence_transformers import SentenceTransformersEmbedder

        return SentenceTransformersEmbedder(model, threads=settings.threads, local=not settings.allow_network)
    if kind == "openai" and model:
        _need_network(settings)
        from assistant.engines.openai_embeddings import OpenAIEmbedder

        return OpenAIEmbedder(model, base_url=settings.embedding_base_url, key=settings.embedding_key)
    raise SettingsError(f"embedder={settings.embedder!r}: say packaged, st:MODEL_OR_FOLDER or openai:MODEL")


def make_listener(settings: Settings, embedder: Embedder) -> Listener:
    """Give the packaged model for the trained heads: the embedder itself if that is the packaged one."""
    from assistant.engines.e5_small import E5Small

    return embedder if isinstance(embedder, E5Small) else E5Small(threads=settings.threads)


def make_writer(settings: Settings) -> Writer:
    """Make the writer that ``writer`` names. Raises SettingsError."""
    if settings.writer == "extract":
        return ExtractWriter()
    if settings.writer == "chat":
        _need_network(settings)
        return ChatWriter(
            settings.chat_model, base_url=settings.chat_base_url, key=settings.chat_key,
            max_tokens=settings.chat_max_tokens, first_token_s=settings.chat_first_token_s,
            total_s=settings.chat_total_s,
        )
    raise SettingsError(f"writer={settings.writer!r}: say extract or chat")


def make_voice(settings: Settings) -> tuple[Voice | None, int]:
    """Make the voice that ``voice`` names, not yet warmed up, and say how many may listen at once on two cores.

    None for ``browser`` and ``off``. Raises SettingsError.
    """
    if settings.voice in ("browser", "off"):
        return None, 0
    if settings.voice == "kokoro":
        return KokoroVoice(), 2
    if settings.voice == "mei":
        return MeiVoice(), 16
    raise SettingsError(f"voice={settings.voice!r}: say browser, kokoro, mei or off")


def make_judge(settings: Settings, understanding: Understanding, listener: Listener) -> Judge:
    """Make the judge of moments that ``judge`` names, on top of the packaged reading. Raises SettingsError."""
    if settings.judge == "heads":
        return HeadsJudge(understanding, listener)
    if settings.judge == "chat":
        _need_network(settings)
        return ChatJudge(understanding, settings.chat_model, base_url=settings.chat_base_url, key=settings.chat_key)
    raise SettingsError(f"judge={settings.judge!r}: say heads or chat")


def _need_network(settings: Settings) -> None:
    if not settings.allow_network:
        raise SettingsError("allow_network=false forbids a model's endpoint; choose packaged engines")
