"""Alembic's entry. The program migrates at open (migrate.py) and hands over its connection; `alembic revision` is for developers:
`alembic -c crawler/archive/migrations/alembic.ini -x url=sqlite:///scratch.sqlite revision --autogenerate -m "..."`."""

from alembic import context
from sqlalchemy import Connection, create_engine

from crawler.archive.schema import metadata


def run(connection: Connection) -> None:
    # SQLite can roll DDL back too: a migration that is cut off leaves nothing half done.
    context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with create_engine(context.get_x_argument(as_dictionary=True)["url"]).begin() as own:
        run(own)
