"""The desk: tickets of the line, agents and their sessions, audit, deliveries to other systems."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables."""
    conversation = ("conversations.id",)
    op.create_table(
        "tickets",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("conversation", sa.String(64), sa.ForeignKey(*conversation, ondelete="CASCADE"), nullable=False,
                  index=True),
        sa.Column("visitor", sa.String(64), nullable=False, index=True),
        sa.Column("state", sa.String(8), nullable=False, index=True),
        sa.Column("severity", sa.String(2), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("skills", sa.JSON, nullable=False),
        sa.Column("intensity", sa.Float, nullable=False),
        sa.Column("abuse", sa.Boolean, nullable=False),
        sa.Column("preview", sa.String(200), nullable=False),
        sa.Column("name", sa.String(80), nullable=True),
        sa.Column("team", sa.String(64), nullable=True),
        sa.Column("agent", sa.String(64), nullable=True, index=True),
        sa.Column("target", sa.String(64), nullable=True),
        sa.Column("entered_at", sa.Float, nullable=False),
        sa.Column("rank", sa.Float, nullable=False),
        sa.Column("offered_at", sa.Float, nullable=True),
        sa.Column("accepted_at", sa.Float, nullable=True),
        sa.Column("answered_at", sa.Float, nullable=True),
        sa.Column("ended_at", sa.Float, nullable=True),
        sa.Column("outcome", sa.String(64), nullable=True),
        sa.Column("contact", sa.JSON, nullable=True),
        sa.Column("joined", sa.JSON, nullable=False),
        sa.Column("expected", sa.JSON, nullable=True),
        sa.Column("clock", sa.String(16), nullable=True),
        sa.Column("clock_due", sa.Float, nullable=True),
        sa.Column("clock_warn", sa.Float, nullable=True),
        sa.Column("clock_state", sa.String(8), nullable=False),
    )
    op.create_index("uq_tickets_open", "tickets", ["conversation"], unique=True,
                    sqlite_where=sa.text("state != 'done'"), postgresql_where=sa.text("state != 'done'"))
    op.create_table(
        "agents",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("login", sa.String(64), nullable=False, unique=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("password", sa.String(200), nullable=False),
        sa.Column("team", sa.String(64), nullable=True),
        sa.Column("skills", sa.JSON, nullable=False),
        sa.Column("presence", sa.String(16), nullable=False),
        sa.Column("disabled", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
    )
    op.create_table(
        "desk_sessions",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("agent", sa.String(64), sa.ForeignKey("agents.id", ondelete="CASCADE"), nullable=False, index=True),
        sa.Column("csrf", sa.String(64), nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("seen_at", sa.Float, nullable=False),
    )
    op.create_table(
        "socket_tickets",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("session", sa.String(64), sa.ForeignKey("desk_sessions.id", ondelete="CASCADE"), nullable=False),
        sa.Column("expires_at", sa.Float, nullable=False),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at", sa.Float, nullable=False, index=True),
        sa.Column("agent", sa.String(64), nullable=True),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("target", sa.String(80), nullable=True),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("target", sa.String(16), nullable=False),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("conversation", sa.String(64), sa.ForeignKey(*conversation, ondelete="CASCADE"), nullable=True),
        sa.Column("body", sa.JSON, nullable=False),
        sa.Column("state", sa.String(16), nullable=False, index=True),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_at", sa.Float, nullable=False),
        sa.Column("error", sa.String(80), nullable=True),
        sa.Column("created_at", sa.Float, nullable=False),
    )
    op.create_table(
        "mirrors",
        sa.Column("conversation", sa.String(64), sa.ForeignKey(*conversation, ondelete="CASCADE"), primary_key=True),
        sa.Column("target", sa.String(16), primary_key=True),
        sa.Column("contact", sa.String(80), nullable=False),
        sa.Column("thread", sa.String(80), nullable=False, index=True),
        sa.Column("seq", sa.Integer, nullable=False),
    )
    op.create_table(
        "suggestions",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("conversation", sa.String(64), sa.ForeignKey(*conversation, ondelete="CASCADE"), nullable=False,
                  index=True),
        sa.Column("agent", sa.String(64), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("distance", sa.Integer, nullable=False),
        sa.Column("length", sa.Integer, nullable=False),
    )
