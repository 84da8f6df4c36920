"""A rule's page shows its examples without the marks of their tests."""

from __future__ import annotations

from archcheck.reports.page import markdown, plain, prose

DOCS = """A foreign key has no index.

Every delete of the parent scans
the child.

```sql bad 0001.sql
create table a (b_id bigint references b (id)); -- want


-- a comment
```
```sql bad 0002.sql
select 1; -- want: other-rule
```
```yaml good
a: 1  # wanted as it is
```

The end.
"""


def test_markdown_names_examples_and_hides_marks() -> None:
    assert (
        markdown(DOCS)
        == """A foreign key has no index.

Every delete of the parent scans
the child.

Bad, `0001.sql`:

```sql
create table a (b_id bigint references b (id));


-- a comment
```

`0002.sql`:

```sql
select 1;
```

Good:

```yaml
a: 1  # wanted as it is
```

The end.
"""
    )


def test_plain_text_indents_examples() -> None:
    assert (
        plain(DOCS)
        == """A foreign key has no index.

Every delete of the parent scans
the child.

Bad, `0001.sql`:

    create table a (b_id bigint references b (id));


    -- a comment

`0002.sql`:

    select 1;

Good:

    a: 1  # wanted as it is

The end.
"""
    )


def test_prose_is_what_stands_before_the_examples() -> None:
    assert prose(DOCS) == "A foreign key has no index. Every delete of the parent scans the child."


def test_fence_in_a_longer_fence_is_code() -> None:
    assert markdown("````markdown good\n```\nx\n```\n````\n") == "Good:\n\n````markdown\n```\nx\n```\n````\n"


def test_block_without_a_word_is_left_as_it_is() -> None:
    assert markdown("Law.\n\n```toml\na = 1\n```\n") == "Law.\n\n```toml\na = 1\n```\n"


def test_no_docs_are_an_empty_page() -> None:
    assert (markdown(""), plain(""), prose("")) == ("\n", "\n", "")
