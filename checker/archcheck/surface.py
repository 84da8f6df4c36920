"""What the engine and the surfaces promise each other.

A surface turns the files of one kind into models. The engine decides which files there are, opens them, runs
the rules and remembers the results; the surface knows syntax and facts. Neither knows the other's inside.

The life of a unit::

    sniff     one source      -> a mark (a short string) or nothing      remembered per file
    units     tree and marks  -> the units                               every run, cheap
    read      unit and files  -> a model                                 in a worker
    pieces    model           -> subjects, piece by piece                judged in the worker
    interface model           -> bytes others need                       crosses the border, remembered
    link      interfaces      -> a model of the whole surface            after all units are read
    meet      what they tell  -> a model of what surfaces have in common after all surfaces are linked
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import ClassVar, Protocol, runtime_checkable

from msgspec import Struct, field

from archcheck.finding import Stage
from archcheck.source import GapKind as GapKind
from archcheck.source import Location, Source


class Gap(Struct, frozen=True):
    """Something that was asked for and was not checked. Every gap is a finding of `unread-file` and exit code 3.

    `line` counts from 1, 0 when it is not known. `reason` has no full stop; `way_out` may be empty.
    """

    surface: ClassVar[str] = "tool"
    stage: ClassVar[Stage] = "project"

    path: str
    line: int
    kind: GapKind
    reason: str
    way_out: str = ""


class Allow(Struct, frozen=True):
    """One acceptance in the user's files, as it was written and as it was used.

    Silences `rules` on lines `first` to `last` of `path`. `whole_file` marks `allow-file`. `used` and `unknown`
    are filled by the engine before the rules about acceptances run: the ids that silenced something, the ids no pack
    knows; `judged` holds the ids that could have fired (they ran, and the unit was read whole).
    """

    surface: ClassVar[str] = "tool"
    stage: ClassVar[Stage] = "project"

    at: Location
    rules: tuple[str, ...]
    reason: str
    first: int
    last: int
    whole_file: bool = False
    used: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    judged: tuple[str, ...] = ()

    @property
    def idle(self) -> tuple[str, ...]:
        """The ids that could have silenced something and did not."""
        return tuple(name for name in self.judged if name not in self.used)


class Unit(Struct, frozen=True):
    """The smallest set of files judged together: one module, one OpenAPI root with its references, one history.

    `name` is unique within its surface and is the path a person would name: the module, the root document, the folder.
    `files` are those known before reading; reading may open more. `facts` is the surface's own memo from `units`.
    """

    surface: str
    name: str
    files: tuple[str, ...]
    facts: str = ""


class Limits(Struct, frozen=True):
    """The limits of a run. Sizes in bytes, time in seconds of processor time for one unit."""

    file_size: int = 20_000_000
    nesting: int = 500
    alias_nodes: int = 1_000_000
    alias_factor: int = 50
    unit_seconds: float = 8.0
    unit_memory: int = 1_000_000_000


class Layer(Struct, frozen=True):
    """One layer: its modules, those of them that may be absent, and whether they may not know each other."""

    modules: tuple[str, ...]
    optional: tuple[str, ...] = ()
    apart: bool = True


class Layers(Struct, frozen=True):
    """The layers that a project declares, the highest first; each knows those below it.

    With `containers` the names of modules are relative to each of them. `ignore` holds imports that are accepted, as
    patterns of the importer and the imported. `type_checking` says that imports for type checkers count, too.
    """

    order: tuple[Layer, ...]
    containers: tuple[str, ...] = ()
    ignore: tuple[tuple[str, str], ...] = ()
    type_checking: bool = True


class Settings(Struct, frozen=True):
    """The settings that concern reading: they are part of every cache key.

    `applied` names migrations, by version or name, up to which a history has run everywhere. `pairs` puts documents
    together with the apps that serve them: the path of the one, and `file` or `file:name` of the other.
    """

    dialect: str = ""
    postgres_version: int = 14
    limits: Limits = Limits()
    applied: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    layers: Layers | None = None


class Files(Protocol):
    """The only door to the disk. It confines paths to the root, caps sizes and records everything asked for."""

    def open(self, path: str) -> Source:
        """The source at a root-relative path. Raises `Unread` (absent, outside, not regular, too large)."""

    def exists(self, path: str) -> bool:
        """Whether a checked file or folder of that root-relative path exists; the answer is part of the read set."""

    def listing(self, folder: str) -> tuple[str, ...]:
        """The names in a folder, sorted, those of folders ending in `/`; empty when there is no such folder."""

    def recall(self, source: Source, kind: str) -> bytes | None:
        """What `keep` stored for the same bytes at the same path, under this version of the tool; else None."""

    def keep(self, source: Source, kind: str, data: bytes) -> None:
        """Remember a derivation of one file alone (a parsed tree, typed statements). Never depends on other files."""


class Tree(Struct, frozen=True):
    """All files of the project that may be read: root-relative paths with `/`, sorted; and the sniffed marks."""

    paths: tuple[str, ...]
    marks: Mapping[str, str]


class Coverage(Struct):
    """What a model says of its own reading: counts by noun, what was not understood, what was not decided.

    `counts` feeds the coverage line (`{"operations": 42}`); `opaque` counts what was delimited but not modelled, by
    kind (`{"ALTER TYPE": 3}`); `undecided` counts verdicts withheld, by rule or fact; `notes` are sentences for
    `--verbose` and the machine formats. `gaps` are exit code 3.
    """

    counts: dict[str, int] = field(default_factory=dict)
    opaque: dict[str, int] = field(default_factory=dict)
    undecided: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)


class Piece(Struct, frozen=True):
    """A part of a model that is judged on its own.

    Most models have one piece. A model of thousands of files has one per component, so that an edited file costs its
    own pieces and those that lean on it: a piece that is not `fresh` is replayed from the memory under its `key`.
    `subjects` yields the subjects of the piece whose type is in the given set. `files` are those it belongs to: what
    was remembered of a file that was not opened again stands as long as a piece names it.
    """

    key: str
    fresh: bool
    subjects: SubjectSource
    files: tuple[str, ...] = ()


class SubjectSource(Protocol):
    """Yields the subjects of a piece, only those of the wanted types, in document order."""

    def __call__(self, wanted: frozenset[type]) -> Iterable[object]: ...


class Model(Protocol):
    """A unit, or a linked surface, as typed facts. Reading may be lazy: `coverage` holds once `pieces` is exhausted."""

    coverage: Coverage

    def pieces(self) -> Iterator[Piece]:
        """The pieces, in an order that depends on the input alone."""

    def allows(self) -> Iterable[Allow]:
        """Acceptances that are data and no comments (`x-archcheck-allow`)."""

    def interface(self) -> bytes:
        """The facts others need, encoded; empty when nobody needs any."""

    def memory(self) -> bytes:
        """What the model wants back when the unit is read again after a change; empty for nothing."""


class Assistant(Protocol):
    """Somebody who has a share of a model's pieces and answers questions about them, beside this process."""

    def ask(self, question: bytes) -> None:
        """Put a question; the answers come in the order of the questions."""

    def answer(self) -> bytes | None:
        """The next answer; nothing when it was lost."""


@runtime_checkable
class Divisible(Model, Protocol):
    """A model whose pieces may be judged by several processes, each with a copy of it."""

    def helped(self, assistants: Sequence[Assistant], own: Sequence[str]) -> None:
        """These may be asked about the pieces that they judged; those of the keys `own` were judged here."""

    def answer(self, question: bytes, keys: Sequence[str]) -> bytes:
        """What an assistant that judged the pieces of these keys says to a question of the model."""


class Memory(Struct, frozen=True):
    """What a former reading of the same unit left, for surfaces that can go on from there.

    `data` is what `Model.memory` returned; `changed` holds the paths whose content, presence or listing differs now.
    """

    data: bytes
    changed: frozenset[str]


class Surface(Protocol):
    """One kind of input: `openapi`, `sql` or `python`. Its module imports its parser only when it reads.

    `suffixes` are those of its files. A surface that claims all of them by path alone sets `sniffs` to False; its marks
    are then its name, and no file is opened for them.
    """

    name: str
    suffixes: tuple[str, ...]
    sniffs: bool

    def concerns(self, path: str) -> bool:
        """Whether a file with one of the suffixes may belong here, by its path alone: only then is it looked into."""

    def sniff(self, source: Source) -> str:
        """A mark for a file that may belong to this surface, else an empty string. Depends on the source alone."""

    def units(self, tree: Tree, files: Files) -> Iterable[Unit]:
        """The units among the marked files, of which there is one at least. May open small settings files."""

    def read(self, unit: Unit, files: Files, memory: Memory | None, settings: Settings) -> Model:
        """Read one unit. Raises `Unread` when nothing of it can be read; a lesser loss is a gap of its coverage."""

    def link(self, interfaces: Sequence[tuple[str, bytes]]) -> Model | None:
        """Join the interfaces of all units (name and bytes, sorted by name); None when there is nothing to join."""

    def owed(self, path: str, mark: str) -> bool:
        """Whether a file named on the command line is owed a reading by this surface."""


@runtime_checkable
class Noting(Protocol):
    """A surface that tells what it passes over although it looks like its own."""

    def notes(self, tree: Tree) -> Iterable[str]:
        """Sentences for `--verbose` and the machine formats, each with a count."""


class Meeting(Protocol):
    """Where surfaces meet: it has no files of its own, only what the others tell of themselves."""

    def meet(self, told: Mapping[str, Sequence[tuple[str, bytes]]], settings: Settings) -> Model | None:
        """Compare what the surfaces tell, by their names; None when there is nothing to compare.

        A surface tells one interface for each unit (name and bytes, sorted by name), or, where its linked model has an
        interface of its own, that alone, under an empty name.
        """
