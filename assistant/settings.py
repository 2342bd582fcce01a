"""Deployment settings: one table, read from ``OMOTENASHI_*`` once at start; the only reader of the environment.

What a company says and decides (persona, policy, phrases) lives in the knowledge folder, not here.
"""

import difflib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import SettingsError

PREFIX = "OMOTENASHI_"


@dataclass(frozen=True, slots=True)
class Setting:
    """One row: environment name is ``OMOTENASHI_`` + upper-case ``name``."""

    name: str
    default: Any
    parse: Callable[[str], Any]
    help: str
    secret: bool = False


def _flag(text: str) -> bool:
    if text.lower() in ("1", "true", "yes", "on"):
        return True
    if text.lower() in ("0", "false", "no", "off"):
        return False
    raise ValueError("say true or false")


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError("must be 1 or more")
    return value


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 < value < 86_400:
        raise ValueError("must be between 0 and 86400 seconds")
    return value


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


SETTINGS: tuple[Setting, ...] = (
    Setting("knowledge", Path("knowledge"), Path, "The company's knowledge folder."),
    Setting("index", Path(".omotenashi/index"), Path, "Where the search index is kept."),
    Setting("database", "sqlite:///.omotenashi/omotenashi.sqlite3", str,
            "SQLAlchemy address of the database (sqlite or postgresql+asyncpg).", secret=True),
    Setting("host", "127.0.0.1", str, "Address to listen on."),
    Setting("port", 8000, _positive, "Port to listen on."),
    Setting("public_url", "", str, "The address visitors see, such as https://chat.example; empty: as requested."),
    Setting("origins", (), _names, "Sites that may embed the widget (exact origins, comma-separated). "
            "Empty: this server's own pages and local addresses only."),
    Setting("app_keys", (), _names, "Keys for mobile apps, which send no Origin (comma-separated).", secret=True),
    Setting("secret", "", str, "Signs visitor tokens; 32 characters or more. Empty: made once and kept beside the "
            "database.", secret=True),
    Setting("identity_secret", "", str, "Shared with your site's backend, which signs tickets (JWT, HS256) for "
            "Omotenashi.identify(); 32 characters or more. Empty: visitors stay anonymous.", secret=True),
    Setting("threads", 1, _positive, "Processor threads for the packaged embedding model."),
    Setting("embedder", "packaged", str, "packaged, st:MODEL_OR_FOLDER (sentence-transformers) or openai:MODEL."),
    Setting("writer", "extract", str, "extract (quotes, needs no model) or chat (a language model)."),
    Setting("judge", "heads", str, "Who reads moments: heads (packaged) or chat (a language model)."),
    Setting("chat_model", "openai:gpt-4o-mini", str, "LangChain init_chat_model name of the language model."),
    Setting("chat_base_url", "", str, "OpenAI-compatible endpoint; empty: the provider's own."),
    Setting("chat_key", "", str, "Key for the language model's endpoint.", secret=True),
    Setting("chat_max_tokens", 700, _positive, "Longest reply of the language model, in tokens."),
    Setting("chat_first_token_s", 10.0, _seconds, "How long to wait for a language model's first word."),
    Setting("chat_total_s", 25.0, _seconds, "How long a language model's whole reply may take."),
    Setting("embedding_base_url", "", str, "OpenAI-compatible endpoint for embeddings; empty: the provider's own."),
    Setting("embedding_key", "", str, "Key for that endpoint.", secret=True),
    Setting("allow_network", True, _flag, "false forbids every call to a model's endpoint (tests, closed sites)."),
    Setting("voice", "browser", str, "Who speaks: browser (the visitor's own device), kokoro or mei (extra [voice], "
            "Japanese; browsers speak the rest) or off."),
    Setting("webhook_url", "", str, "Where handoff.*, conversation.closed and sla.* events are sent; empty: nowhere."),
    Setting("webhook_secret", "", str, "Standard Webhooks secret (whsec_…) that signs them.", secret=True),
    Setting("webhook_private", False, _flag, "true lets webhooks and adapters reach private addresses."),
    Setting("chatwoot_url", "", str, "Base address of a Chatwoot server to mirror handoffs to; empty: none."),
    Setting("chatwoot_inbox", "", str, "Identifier of its API inbox."),
    Setting("chatwoot_account", 0, int, "Its account number."),
    Setting("chatwoot_token", "", str, "Its agent-bot access token.", secret=True),
    Setting("chatwoot_secret", "", str, "Secret of its inbox's webhook, which signs what comes back.", secret=True),
    Setting("keep_days", 90, _positive, "How long transcripts are kept."),
)

OBSOLETE: Mapping[str, str] = {}
"""Names that used to work → what to do now."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one process; ``settings["port"]`` or ``settings.port``."""

    values: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def __getattr__(self, name: str) -> Any:
        try:
            return self.values[name]
        except KeyError:
            raise AttributeError(name) from None

    def shown(self) -> dict[str, Any]:
        """Give every value that may be shown; secrets only as set or not set."""
        secret = {row.name for row in SETTINGS if row.secret}
        return {name: ("(set)" if value else "(not set)") if name in secret else value
                for name, value in self.values.items()}


def load_settings(environment: Mapping[str, str], **given: Any) -> Settings:
    """Read the table from ``environment``; ``given`` (command-line options that are not None) stand above it.

    Raises SettingsError for unknown, obsolete and unreadable values, with what to do.
    """
    rows = {PREFIX + row.name.upper(): row for row in SETTINGS}
    values = {row.name: row.default for row in SETTINGS}
    for name, text in environment.items():
        if not name.startswith(PREFIX):
            continue
        if name in OBSOLETE:
            raise SettingsError(f"{name} is no longer used: {OBSOLETE[name]}")
        row = rows.get(name)
        if row is None:
            near = difflib.get_close_matches(name, rows, 1)
            raise SettingsError(f"unknown setting {name}" + (f"; did you mean {near[0]}?" if near else ""))
        try:
            values[row.name] = row.parse(text)
        except ValueError as error:
            shown = "(hidden)" if row.secret else repr(text)
            raise SettingsError(f"{name}={shown}: {error}. {row.help}") from error
    unknown = set(given) - set(values)
    if unknown:
        raise SettingsError(f"unknown settings {sorted(unknown)}")
    values.update({name: value for name, value in given.items() if value is not None})
    for name in ("secret", "identity_secret"):
        if values[name] and len(values[name]) < 32:
            raise SettingsError(f"{PREFIX}{name.upper()} must have 32 characters or more; "
                                f"for example {PREFIX}{name.upper()}={secrets.token_urlsafe(32)}")
    return Settings(values)


def packaged(name: str) -> Path:
    """Give the folder ``name`` (``web``, ``knowledge``) as shipped: inside the installed package, or the checkout's."""
    inside = Path(__file__).parent / f"_{name}"
    return inside if inside.is_dir() else Path(__file__).parent.parent / name
