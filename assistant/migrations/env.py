"""Alembic's entry: runs the migrations on the connection it is handed; it reads no configuration file."""

from alembic import context

from assistant.database import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
