"""What the language server and the process that checks for it say to each other: frames of plain data over pipes."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import BinaryIO, Final

import msgspec
from msgspec import Struct, field

from archcheck.finding import Verdict

SIZE: Final = struct.Struct("<Q")


class Trial(Struct, frozen=True):
    """A change that is meant to take one finding away: the files as they would be."""

    rule: str
    fingerprint: str
    files: Mapping[str, bytes]


class Question(Struct, frozen=True, kw_only=True):
    """Check what touches some files of a project, some of them taken to hold what an editor has not saved yet.

    `paths` are relative to `root`. `trials` are judged one by one on top of that.
    """

    root: str
    paths: tuple[str, ...]
    instead: Mapping[str, bytes]
    trials: tuple[Trial, ...] = ()
    cache: bool = True
    cache_dir: str = ""


class Mistake(Struct, frozen=True):
    """A setting that cannot be used; `path` is empty and `line` 0 where they are not known."""

    path: str
    line: int
    message: str


class Answer(Struct, frozen=True, kw_only=True):
    """What came of it. `wrong` says for each trial why it does not do what it is meant to, or nothing.

    `urls` has the true addresses of rules' pages. `failed` is why there is no answer at all, in one sentence.
    """

    verdicts: tuple[Verdict, ...] = ()
    wrong: tuple[str, ...] = ()
    urls: Mapping[str, str] = field(default_factory=dict)
    mistake: Mistake | None = None
    failed: str = ""


def framed(message: Question | Answer) -> bytes:
    """A message as it goes down a pipe."""
    data = msgspec.msgpack.encode(message)
    return SIZE.pack(len(data)) + data


def question_of(data: bytes) -> Question:
    """The question in a frame."""
    return msgspec.msgpack.decode(data, type=Question)


def answer_of(data: bytes) -> Answer:
    """The answer in a frame."""
    return msgspec.msgpack.decode(data, type=Answer)


def next_frame(pipe: BinaryIO) -> bytes | None:
    """The next message that arrives; None at the end."""
    head = pipe.read(SIZE.size)
    if len(head) < SIZE.size:
        return None
    (size,) = SIZE.unpack(head)
    data = pipe.read(size)
    return data if len(data) == size else None
