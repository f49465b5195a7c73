"""What Alembic runs: each step in one transaction of the connection that `store.migrate` gives.

Alembic executes this file; nothing imports it.
"""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    transactional_ddl=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
