"""The transcript's first tables: conversations, facts, runs."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "conversations",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("visitor", sa.String(64), nullable=False, index=True),
        sa.Column("locale", sa.String(8), nullable=False),
        sa.Column("driver", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("head", sa.BigInteger, nullable=False),
        sa.Column("epoch", sa.String(32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("state", sa.JSON, nullable=False),
    )
    conversation = ("conversations.id",)
    op.create_table(
        "facts",
        sa.Column("conversation", sa.String(64), sa.ForeignKey(*conversation, ondelete="CASCADE"), primary_key=True),
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("id", sa.String(64), nullable=False, unique=True),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.JSON, nullable=False),
        sa.Column("principal", sa.String(80), nullable=True),
        sa.Column("txn", sa.String(64), nullable=True),
        sa.Column("payload_hash", sa.String(64), nullable=True),
        sa.Column("data", sa.JSON, nullable=False),
        sa.UniqueConstraint("conversation", "principal", "txn", name="uq_facts_txn"),
        sa.Index("ix_facts_type_at", "type", "at"),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("conversation", sa.String(64), sa.ForeignKey(*conversation, ondelete="CASCADE"), nullable=False,
                  index=True),
        sa.Column("message", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False, index=True),
        sa.Column("partial", sa.Text, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
    )
