"""Something is put into a cache and never expires.

What was true once is served for ever, and the memory fills up until the cache throws out what was still needed. Give
every entry a time to live. It is said of entries that become more and more, by what their keys are made of: users,
tokens, addresses. A plain `set` on Redis with no word of a cache, which may be a database there, is a note, in strict.

```python bad
import redis

cache = redis.Redis()


def remember(user_id, profile):
    cache.set(f"profile:{user_id}", profile)  # want
```
```python good
import redis

cache = redis.Redis()


def remember(user_id, profile):
    cache.set(f"profile:{user_id}", profile, ex=3600)
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.python import Cached


@rule("cache-without-ttl", checklist="caching", severity="warning", profile="regular", since="0.1")
def cache_without_ttl(cached: Cached) -> Findings:
    quiet = not cached.certain or cached.place != "service"
    how = "turns expiry off" if cached.never else "sets no expiry"
    yield Finding(
        cached.at,
        f"`{cached}` {how}, so what it stores stays until somebody removes it; give it `{cached.parameter}`.",
        subject=cached.function,
        severity="note" if quiet else None,
        profile="strict" if quiet else None,
    )
