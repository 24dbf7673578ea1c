from typing import Any

import django.db.models.functions.datetime
from django.db import migrations, models

# The tables of the PostgreSQL index. They exist on PostgreSQL only and so are not Django models.
# Every row belongs to a numbered copy of the index; one copy is live, a rebuild fills the next. A ``tsvector`` holds
# both forms of every word: the folded one plain, the exact one with "=" before it, a pair of neighbours joined by "_".
# No extension is needed.
TABLES = """
CREATE TABLE library_search_copy (
    copy bigint PRIMARY KEY,
    live boolean NOT NULL DEFAULT false,
    version integer NOT NULL,
    last_seq bigint NOT NULL DEFAULT 0,
    history text NOT NULL DEFAULT '',
    changes bigint NOT NULL DEFAULT 0,
    vocabulary bytea,
    vocabulary_changes bigint NOT NULL DEFAULT -1
);
CREATE UNIQUE INDEX library_search_copy_live ON library_search_copy (live) WHERE live;
CREATE TABLE library_search_work (
    copy bigint NOT NULL,
    work_id bigint NOT NULL,
    stored bytea NOT NULL,
    title_key text COLLATE "C" NOT NULL,
    title_words text COLLATE "C" NOT NULL,
    date date,
    length real NOT NULL,
    numbers text[] NOT NULL,
    subjects text[] NOT NULL,
    facets text[] NOT NULL,
    access text[] NOT NULL,
    available_from timestamptz,
    vector tsvector NOT NULL,
    PRIMARY KEY (copy, work_id)
);
ALTER TABLE library_search_work ALTER COLUMN vector SET STORAGE EXTERNAL;
CREATE INDEX library_search_work_vector ON library_search_work USING gin (vector);
CREATE INDEX library_search_work_numbers ON library_search_work USING gin (numbers);
CREATE TABLE library_search_passage (
    copy bigint NOT NULL,
    work_id bigint NOT NULL,
    ordinal integer NOT NULL,
    page integer NOT NULL,
    text text NOT NULL,
    vector tsvector NOT NULL,
    PRIMARY KEY (copy, work_id, ordinal)
);
"""


def create_tables(apps: Any, schema_editor: Any) -> None:
    """Create the tables (a migration operation)."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(TABLES)


def drop_tables(apps: Any, schema_editor: Any) -> None:
    """Drop the tables (a migration operation)."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "DROP TABLE IF EXISTS library_search_copy, library_search_work, library_search_passage"
        )


class Migration(migrations.Migration):
    dependencies = [("library", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="IndexChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("work_id", models.BigIntegerField(db_index=True, verbose_name="tài liệu")),
                ("seq", models.BigIntegerField(editable=False, null=True, unique=True, verbose_name="thứ tự")),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="lúc"
                    ),
                ),
            ],
            options={
                "verbose_name": "thay đổi cần đưa vào chỉ mục",
                "verbose_name_plural": "thay đổi cần đưa vào chỉ mục",
                "ordering": ["seq", "id"],
            },
        ),
        migrations.CreateModel(
            name="IndexHistory",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=32, verbose_name="mã")),
            ],
            options={
                "verbose_name": "lịch sử chỉ mục",
                "verbose_name_plural": "lịch sử chỉ mục",
            },
        ),
        migrations.RunPython(create_tables, drop_tables, elidable=False),
    ]
