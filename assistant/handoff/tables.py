"""The human side's tables: places in the line, agents and their sessions, audit, events on their way elsewhere.

Times are Unix seconds.
"""

from sqlalchemy import JSON, Boolean, Column, Float, ForeignKey, Index, Integer, String, Table, text

from assistant.database import metadata

tickets = Table(
    "tickets", metadata,
    Column("id", String(64), primary_key=True),
    Column("conversation", String(64), ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("visitor", String(64), nullable=False, index=True),
    Column("state", String(8), nullable=False, index=True),
    Column("severity", String(2), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("language", String(8), nullable=False),
    Column("skills", JSON, nullable=False, default=list),
    Column("intensity", Float, nullable=False, default=0.0),
    Column("abuse", Boolean, nullable=False, default=False),
    Column("preview", String(200), nullable=False, default=""),
    Column("name", String(80), nullable=True),
    Column("team", String(64), nullable=True),
    Column("agent", String(64), nullable=True, index=True),
    Column("target", String(64), nullable=True),
    Column("entered_at", Float, nullable=False),
    Column("rank", Float, nullable=False),
    Column("offered_at", Float, nullable=True),
    Column("accepted_at", Float, nullable=True),
    Column("answered_at", Float, nullable=True),
    Column("ended_at", Float, nullable=True),
    Column("outcome", String(64), nullable=True),
    Column("contact", JSON, nullable=True),
    Column("joined", JSON, nullable=False, default=list),
    Column("expected", JSON, nullable=True),
    Column("clock", String(16), nullable=True),
    Column("clock_due", Float, nullable=True),
    Column("clock_warn", Float, nullable=True),
    Column("clock_state", String(8), nullable=False, default="ok"),
    Index("uq_tickets_open", "conversation", unique=True, sqlite_where=text("state != 'done'"),
          postgresql_where=text("state != 'done'")),
)
"""Places in the line and talks with a person. ``state``: queued, ringing, held, done; a conversation has at most one
that is not done. The line is in the order of ``rank``."""

agents = Table(
    "agents", metadata,
    Column("id", String(64), primary_key=True),
    Column("login", String(64), nullable=False, unique=True),
    Column("name", String(80), nullable=False),
    Column("role", String(16), nullable=False),
    Column("password", String(200), nullable=False),
    Column("team", String(64), nullable=True),
    Column("skills", JSON, nullable=False, default=list),
    Column("presence", String(16), nullable=False, default="available"),
    Column("disabled", Boolean, nullable=False, default=False),
    Column("created_at", Float, nullable=False),
)

desk_sessions = Table(
    "desk_sessions", metadata,
    Column("id", String(64), primary_key=True),
    Column("agent", String(64), ForeignKey("agents.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("csrf", String(64), nullable=False),
    Column("created_at", Float, nullable=False),
    Column("seen_at", Float, nullable=False),
)
"""Who is signed in at the desk; ``id`` is the SHA-256 of what the cookie holds."""

socket_tickets = Table(
    "socket_tickets", metadata,
    Column("id", String(64), primary_key=True),
    Column("session", String(64), ForeignKey("desk_sessions.id", ondelete="CASCADE"), nullable=False),
    Column("expires_at", Float, nullable=False),
)

audit = Table(
    "audit", metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Float, nullable=False, index=True),
    Column("agent", String(64), nullable=True),
    Column("action", String(40), nullable=False),
    Column("target", String(80), nullable=True),
)
"""What was done at the desk and by whom; never what anybody said."""

deliveries = Table(
    "deliveries", metadata,
    Column("id", String(64), primary_key=True),
    Column("target", String(16), nullable=False),
    Column("type", String(40), nullable=False),
    Column("conversation", String(64), ForeignKey("conversations.id", ondelete="CASCADE"), nullable=True),
    Column("body", JSON, nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_at", Float, nullable=False),
    Column("error", String(80), nullable=True),
    Column("created_at", Float, nullable=False),
)
"""Events on their way to other systems. ``state``: pending, sent, dead."""

mirrors = Table(
    "mirrors", metadata,
    Column("conversation", String(64), ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True),
    Column("target", String(16), primary_key=True),
    Column("contact", String(80), nullable=False),
    Column("thread", String(80), nullable=False, index=True),
    Column("seq", Integer, nullable=False, default=0),
)
"""Under which names a conversation is known in another help desk; ``seq`` is the last fact that it has seen."""

suggestions = Table(
    "suggestions", metadata,
    Column("id", String(64), primary_key=True),
    Column("conversation", String(64), ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("agent", String(64), nullable=False),
    Column("at", Float, nullable=False),
    Column("distance", Integer, nullable=False),
    Column("length", Integer, nullable=False),
)
"""Suggestions that an agent used, and by how many characters what was sent differs."""
