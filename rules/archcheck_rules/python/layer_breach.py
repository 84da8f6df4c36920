"""An import leads from a lower layer to a higher one.

The two can no longer be understood, tested or replaced apart, and the next import closes a circle. Turn the dependency
round, or move what both need below them. The layers are those of `[layers]` in the configuration, the highest first; an
import counts also where it leads there through modules of no layer, and it is then said at its last step.

```toml bad archcheck.toml
[layers]
order = ["shop.api", "shop.services", "shop.storage"]
```
```python bad shop/api/errors.py
class NotFound(Exception): ...
```
```python bad shop/services/orders.py
from shop.storage import orders
```
```python bad shop/storage/orders.py
from shop.api.errors import NotFound  # want


def find(number: int):
    raise NotFound(number)
```
```toml good archcheck.toml
[layers]
order = ["shop.api", "shop.services", "shop.storage"]
```
```python good shop/api/orders.py
from shop.services import orders
```
```python good shop/services/orders.py
from shop.storage import orders
```
```python good shop/storage/orders.py
class Missing(Exception): ...


def find(number: int):
    raise Missing(number)
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, Related, rule
from archcheck.surfaces.python import Breach


@rule("layer-breach", checklist="layers", severity="warning", profile="regular", since="0.1", precision="very-high")
def layer_breach(breach: Breach) -> Findings:
    where = "beside it" if breach.beside else "above it"
    way = f" through `{'`, `'.join(breach.chain[1:-1])}`" if len(breach.chain) > 2 else ""
    more = f" ({breach.others} more ways lead over this import)" if breach.others else ""
    yield Finding(
        breach.at,
        f"`{breach.chain[0]}` in the layer `{breach.lower}` imports `{breach.chain[-1]}`{way}, which lies {where} in "
        f"`{breach.higher}`{more}; turn the dependency round, or move what both need below them.",
        subject=f"{breach.lower}: {breach.chain[-2]} -> {breach.chain[-1]}",
        related=tuple(Related(step, "the way there") for step in breach.steps[:-1]),
    )
