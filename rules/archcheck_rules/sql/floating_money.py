"""Money is kept as a floating point number.

0.1 and 0.2 make 0.30000000000000004: sums drift, comparisons fail, and the books do not close. Keep amounts in
`numeric`, or in whole cents. The words that mean money are in the option `money`.

```sql bad migrations/0001_products.sql
CREATE TABLE products (
    id uuid PRIMARY KEY,
    price double precision NOT NULL  -- want "products.price"
);
```
```sql good migrations/0001_products.sql
CREATE TABLE products (
    id uuid PRIMARY KEY,
    price numeric(12, 2) NOT NULL
);
```
"""

from __future__ import annotations

from dataclasses import dataclass

from archcheck import Finding, Findings, rule
from archcheck.surfaces.sql import Column

MONEY = "price prices amount amounts balance balances cost costs fee fees salary wage revenue payment refund"
MEASURES = "rate ratio percent percentage score factor weight count change seconds ms"


@dataclass(frozen=True)
class Options:
    """A column with a word of `money` in its name holds money, unless a word of `measures` says otherwise."""

    money: tuple[str, ...] = tuple(MONEY.split())
    measures: tuple[str, ...] = tuple(MEASURES.split())


@rule("floating-money", checklist="db.types", severity="warning", profile="regular", since="0.1")
def floating_money(column: Column, options: Options) -> Findings:
    money = column.words.intersection(options.money) and column.words.isdisjoint(options.measures)
    if money and column.kind.family == "float" and column.table.permanent:
        yield Finding(
            column.typed_at,
            f"{column} keeps money in {column.type}, which cannot hold cents exactly; use numeric or whole cents.",
            subject=str(column),
        )
