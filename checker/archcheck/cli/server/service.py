"""The service says what the protocol asks for in terms of desks, findings and offers: all messages are handled here."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from lsprotocol import types
from msgspec.structs import replace
from pygls.lsp.server import LanguageServer

from archcheck import __version__
from archcheck.cli.server.asking import Checker
from archcheck.cli.server.desk import Desk
from archcheck.cli.server.offers import Offer, offers
from archcheck.cli.server.places import Texts, overlap, path_of, range_of, text_edit, uri_of
from archcheck.cli.server.talk import Answer, Mistake, Question
from archcheck.cli.server.telling import NAME, diagnostic, hover
from archcheck.finding import Edit, Verdict
from archcheck.project import find_root
from archcheck.registry import SURFACES

TYPING = 0.3
"""Seconds without a change after which what was typed is checked."""
AT_ONCE = 0.02

_SETTINGS = ("archcheck.toml", ".archcheck.toml", "pyproject.toml", ".archcheck-baseline.json")
_WATCHED = "**/*.{py,sql,yaml,yml,json,toml}"


class Service(LanguageServer):
    """One editor's server: a desk for every project that it has something open of, and one process that checks."""

    def __init__(self, *, cache: bool, cache_dir: str) -> None:
        # Whole texts, since what ends a line is not what pygls takes for its end.
        super().__init__(NAME, __version__, text_document_sync_kind=types.TextDocumentSyncKind.Full)
        self.desks: dict[Path, Desk] = {}
        self._checker = Checker()
        self._cache = cache
        self._cache_dir = os.path.abspath(cache_dir) if cache_dir else ""  # noqa: PTH100
        self._mistaken: dict[Path, str] = {}
        self._told: dict[Path, str] = {}

    def desk_of(self, uri: str) -> Desk | None:
        """The desk of the project that a document belongs to; None for what no project can have."""
        for desk in self.desks.values():
            if uri in desk.open:
                return desk
        path = path_of(uri)
        if path is None or not concerns(path):
            return None
        root = find_root(self._folder(path))
        if not path.is_relative_to(root):
            return None
        return self.desks.setdefault(root, Desk(root, self))

    def text(self, uri: str) -> tuple[int | None, str]:
        document = self.workspace.get_text_document(uri)
        try:
            return document.version, document.source
        except OSError:  # closed, and gone from the disk
            return None, ""

    async def ask(self, question: Question) -> Answer:
        return await self._checker.ask(replace(question, cache=self._cache, cache_dir=self._cache_dir))

    def show(self, desk: Desk, uri: str, verdicts: Iterable[Verdict], answer: Answer) -> None:
        texts = cache(desk.source)
        shown = [self._diagnostic(desk, verdict, texts, answer.urls.get(verdict.rule, "")) for verdict in verdicts]
        version = self.text(uri)[0] if uri in desk.open else None
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, shown, version))

    def complain(self, desk: Desk, answer: Answer) -> None:
        mistake = answer.mistake
        said = answer.failed or (mistake.message if mistake is not None else "")
        before = self._mistaken.pop(desk.root, "")
        if mistake is not None and mistake.path:
            self._mistaken[desk.root] = uri_of(desk.root, mistake.path)
            self._publish_mistake(self._mistaken[desk.root], mistake)
        if before and before != self._mistaken.get(desk.root):
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(before, []))
        if said and said != self._told.get(desk.root):
            where = f"{mistake.path}: " if mistake is not None and mistake.path else ""
            told = f"archcheck checks nothing in {desk.root.name}: {where}{said}"
            self.window_show_message(types.ShowMessageParams(types.MessageType.Error, told))
        self._told[desk.root] = said

    def around(self, desk: Desk, uri: str, place: types.Range) -> list[Verdict]:
        """The findings that overlap a place in the present version of a document."""
        source = desk.source(desk.open[uri]) if uri in desk.open else None
        encoding = self.workspace.position_encoding
        return [each for each in desk.findings(uri) if overlap(range_of(each.at, source, encoding), place)]

    @property
    def can_make_files(self) -> bool:
        """Whether the editor makes files when an edit asks for it."""
        workspace = self.client_capabilities.workspace
        supported = workspace.workspace_edit if workspace is not None else None
        kinds = (supported.resource_operations if supported is not None and supported.document_changes else None) or ()
        return types.ResourceOperationKind.Create in kinds

    def workspace_edit(self, desk: Desk, edits: Iterable[Edit], files: Mapping[str, str]) -> types.WorkspaceEdit:
        """Edits in the editor's units, and for the versions that they fit, where the editor looks at those."""
        changes: dict[str, list[types.TextEdit]] = {}
        versions: dict[str, int | None] = {}
        for edit in edits:
            uri = next((uri for uri, path in desk.open.items() if path == edit.path), uri_of(desk.root, edit.path))
            versions[uri] = desk.version(edit.path)
            mine = text_edit(edit, desk.source(edit.path), self.workspace.position_encoding)
            changes.setdefault(uri, []).append(mine)
        workspace = self.client_capabilities.workspace
        supported = workspace.workspace_edit if workspace is not None else None
        if supported is None or not supported.document_changes:
            return types.WorkspaceEdit(changes=changes)
        steps: list[types.TextDocumentEdit | types.CreateFile | types.RenameFile | types.DeleteFile] = []
        start = types.Range(types.Position(0, 0), types.Position(0, 0))
        for path, text in files.items():
            uri = uri_of(desk.root, path)
            steps.append(types.CreateFile(uri))
            changes[uri], versions[uri] = [types.TextEdit(start, text)], None
        steps += [
            types.TextDocumentEdit(types.OptionalVersionedTextDocumentIdentifier(uri, versions[uri]), list(mine))
            for uri, mine in changes.items()
        ]
        return types.WorkspaceEdit(document_changes=steps)

    def action(self, desk: Desk, offer: Offer) -> types.CodeAction:
        """An offer as the editor shows it."""
        return types.CodeAction(
            title=offer.title,
            kind=types.CodeActionKind.QuickFix,
            diagnostics=[self._diagnostic(desk, offer.verdict, desk.source)],
            is_preferred=offer.preferred or None,
            edit=self.workspace_edit(desk, offer.edits, offer.files),
        )

    def close(self) -> None:
        """Leave nothing running."""
        for desk in self.desks.values():
            desk.close()
        self._checker.close()

    def _diagnostic(self, desk: Desk, verdict: Verdict, texts: Texts, url: str = "") -> types.Diagnostic:
        """A finding in the editor's units."""
        supported = self.client_capabilities.text_document
        published = supported.publish_diagnostics if supported is not None else None
        related = bool(published is not None and published.related_information)
        return diagnostic(verdict, desk.root, texts, self.workspace.position_encoding, url=url, related=related)

    def _folder(self, path: Path) -> Path:
        """The innermost of the editor's folders that holds a file; else the folder it lies in."""
        uris = [*self.workspace.folders, *([self.workspace.root_uri] if self.workspace.root_uri else [])]
        folders = [folder for folder in map(path_of, uris) if folder is not None and path.is_relative_to(folder)]
        return max(folders, key=lambda folder: len(folder.parts), default=path.parent)

    def _publish_mistake(self, uri: str, mistake: Mistake) -> None:
        row = max(mistake.line - 1, 0)
        place = types.Range(types.Position(row, 0), types.Position(row + 1, 0))
        said = types.Diagnostic(place, mistake.message, severity=types.DiagnosticSeverity.Error, source=NAME)
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, [said]))


def concerns(path: Path) -> bool:
    """Whether a file may be of a kind that a surface reads."""
    return path.name.lower().endswith(tuple(suffix for each in SURFACES.values() for suffix in each.suffixes))


def start(*, cache: bool, cache_dir: str) -> int:
    """Serve one editor on standard input and output until it says goodbye; returns the exit code."""
    out = os.fdopen(os.dup(1), "wb")
    # Whatever else prints must not come between two messages.
    os.dup2(2, 1)
    service = Service(cache=cache, cache_dir=cache_dir)
    _listen(service)
    try:
        service.start_io(sys.stdin.buffer, out)
    except SystemExit as goodbye:
        return goodbye.code if isinstance(goodbye.code, int) else 0
    finally:
        service.close()
    return 0


def _listen(service: Service) -> None:
    """Connect what the editor says with what is done about it."""

    @service.feature(types.INITIALIZED)
    async def initialized(_: types.InitializedParams) -> None:
        workspace = service.client_capabilities.workspace
        watching = workspace.did_change_watched_files if workspace is not None else None
        if watching is not None and watching.dynamic_registration:
            options = types.DidChangeWatchedFilesRegistrationOptions([types.FileSystemWatcher(_WATCHED)])
            asked = types.Registration(NAME, types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
            await service.client_register_capability_async(types.RegistrationParams([asked]))

    @service.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        if (desk := service.desk_of(params.text_document.uri)) is not None:
            desk.take(params.text_document.uri)
            desk.check_in(AT_ONCE)

    @service.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeTextDocumentParams) -> None:
        if (desk := service.desk_of(params.text_document.uri)) is not None:
            desk.check_in(TYPING)

    @service.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: types.DidSaveTextDocumentParams) -> None:
        path = path_of(params.text_document.uri)
        desk = service.desk_of(params.text_document.uri)
        for each in service.desks.values() if path is not None and path.name in _SETTINGS else [desk]:
            if each is not None:
                each.check_in(AT_ONCE)

    @service.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        if (desk := service.desk_of(params.text_document.uri)) is not None:
            desk.drop(params.text_document.uri)
            desk.check_in(TYPING)

    @service.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def watched(params: types.DidChangeWatchedFilesParams) -> None:
        for desk in service.desks.values():
            paths = [path_of(change.uri) for change in params.changes]
            if any(path is not None and path.is_relative_to(desk.root) for path in paths):
                desk.check_in(TYPING)

    @service.feature(types.TEXT_DOCUMENT_HOVER)
    def hovered(params: types.HoverParams) -> types.Hover | None:
        uri = params.text_document.uri
        desk = service.desk_of(uri)
        place = types.Range(params.position, params.position)
        found = service.around(desk, uri, place) if desk is not None else []
        supported = service.client_capabilities.text_document
        formats = supported.hover.content_format if supported is not None and supported.hover is not None else None
        content = hover((each.rule for each in found), marked=types.MarkupKind.Markdown in (formats or ()))
        return types.Hover(content) if content is not None else None

    @service.feature(
        types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix])
    )
    async def acted(params: types.CodeActionParams) -> list[types.CodeAction]:
        uri, only = params.text_document.uri, params.context.only
        desk = service.desk_of(uri)
        if desk is None or (only and not any(kind in ("", types.CodeActionKind.QuickFix) for kind in only)):
            return []
        version = desk.editor.text(uri)[0]
        made = await offers(desk, uri, service.around(desk, uri, params.range))
        # What was found out about an older text is of no use.
        if desk.editor.text(uri)[0] != version:
            return []
        return [service.action(desk, offer) for offer in made if service.can_make_files or not offer.files]

    @service.feature(types.SHUTDOWN)
    def leaving(_: None) -> None:
        service.close()
