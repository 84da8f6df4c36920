"""Pages of any origin may call with the visitor's credentials.

A browser then sends the visitor's cookies along with the request of whatever page they have open, and lets that page
read the answer: every visitor's data is one link away. Name the origins, or leave the credentials out.

```python bad
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

app = FastAPI()
app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=True)  # want
```
```python good
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

app = FastAPI()
app.add_middleware(CORSMiddleware, allow_origins=["https://shop.example"], allow_credentials=True)
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.python import OpenCors


@rule(
    "open-cors",
    checklist="routes.auth",
    severity="warning",
    profile="regular",
    since="0.1",
    security=6.5,
    cwe="CWE-942",
)
def open_cors(cors: OpenCors) -> Findings:
    yield Finding(
        cors.at,
        f"Any origin may call, and `{cors.by}` lets it act for the visitor; name the origins, or leave out the "
        "credentials.",
        subject=cors.by,
    )
