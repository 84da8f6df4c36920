"""An editor as a language server sees it: a client that speaks the protocol over the pipes of a real process."""

from __future__ import annotations

import itertools
import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PATIENCE = 60
GRACE = 5

CAPABILITIES: dict[str, Any] = {
    "textDocument": {
        "publishDiagnostics": {"relatedInformation": True, "versionSupport": True},
        "hover": {"contentFormat": ["markdown", "plaintext"]},
    },
    "workspace": {"workspaceEdit": {"documentChanges": True}},
}


class Editor:
    """Starts `archcheck server`, opens documents and keeps what it is told of them."""

    def __init__(self, *folders: Path, capabilities: dict[str, Any] | None = None) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "archcheck", "server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=folders[0],
        )
        self._ids = itertools.count(1)
        self._arrived: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self.answers: dict[int, dict[str, Any]] = {}
        self.diagnostics: dict[str, dict[str, Any]] = {}
        self.published: list[dict[str, Any]] = []
        self.messages: list[str] = []
        self.noise = b""
        threading.Thread(target=self._listen, daemon=True).start()
        self.server = self.request(
            "initialize",
            {
                "processId": None,
                "rootUri": folders[0].as_uri(),
                "capabilities": CAPABILITIES if capabilities is None else capabilities,
                "workspaceFolders": [{"uri": folder.as_uri(), "name": folder.name} for folder in folders],
            },
        )
        self.notify("initialized", {})

    def request(self, method: str, params: object) -> Any:
        """The result of a request. Raises `AssertionError` where it is an error."""
        id = next(self._ids)
        self._send({"id": id, "method": method, "params": params})
        self._until(lambda: id in self.answers, method)
        answer = self.answers.pop(id)
        assert "error" not in answer, answer
        return answer.get("result")

    def ask_and_cancel(self, method: str, params: object) -> None:
        """Ask for something, and want it no more."""
        id = next(self._ids)
        self._send({"id": id, "method": method, "params": params})
        self.notify("$/cancelRequest", {"id": id})

    def checkers(self) -> list[int]:
        """The processes that check for the server, where the system tells."""
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children")
        return [int(child) for child in children.read_text().split()] if children.exists() else []

    def notify(self, method: str, params: object) -> None:
        self._send({"method": method, "params": params})

    def open(self, file: Path, text: str | None = None, version: int = 1, language: str = "plaintext") -> None:
        text = file.read_bytes().decode() if text is None else text
        document = {"uri": file.as_uri(), "languageId": language, "version": version, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})

    def change(self, file: Path, text: str, version: int) -> None:
        document = {"uri": file.as_uri(), "version": version}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]})

    def save(self, file: Path) -> None:
        self.notify("textDocument/didSave", {"textDocument": {"uri": file.as_uri()}})

    def close_file(self, file: Path) -> None:
        self.notify("textDocument/didClose", {"textDocument": {"uri": file.as_uri()}})

    def found(self, file: Path, version: int | None = 1) -> list[dict[str, Any]]:
        """The diagnostics of a version of a file, once they are there."""
        uri = file.as_uri()
        self._until(
            lambda: uri in self.diagnostics and self.diagnostics[uri].get("version") == version, f"version {version}"
        )
        shown: list[dict[str, Any]] = self.diagnostics[uri]["diagnostics"]
        return shown

    def shown(self, file: Path) -> list[dict[str, Any]]:
        """The diagnostics that a file has now."""
        shown: list[dict[str, Any]] = self.diagnostics.get(file.as_uri(), {}).get("diagnostics", [])
        return shown

    def hover(self, file: Path, position: dict[str, int]) -> Any:
        return self.request("textDocument/hover", {"textDocument": {"uri": file.as_uri()}, "position": position})

    def actions(self, file: Path, diagnostic: dict[str, Any]) -> list[dict[str, Any]]:
        actions: list[dict[str, Any]] = self.request(
            "textDocument/codeAction",
            {
                "textDocument": {"uri": file.as_uri()},
                "range": diagnostic["range"],
                "context": {"diagnostics": [diagnostic]},
            },
        )
        return actions

    def wait_for(self, condition: Callable[[], object], what: str = "") -> None:
        """Take in what arrives until something holds; looked at again every now and then."""
        self._until(condition, what)

    def settle(self, seconds: float) -> None:
        """Take in what arrives for a while."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            try:
                self._take(self._arrived.get(timeout=left))
            except queue.Empty:
                return

    def leave(self) -> int:
        """Say goodbye; the exit code."""
        self.request("shutdown", None)
        self.notify("exit", None)
        return self._process.wait(PATIENCE)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def hang_up(self) -> int:
        """End without a goodbye, as a crashed editor does."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        return self._process.wait(PATIENCE)

    def _send(self, message: dict[str, Any]) -> None:
        data = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(data) + data)
        self._process.stdin.flush()

    def _until(self, condition: Callable[[], object], what: str) -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            left = end - time.monotonic()
            assert left > 0, f"waited in vain for {what}: {self.messages}"
            try:
                message = self._arrived.get(timeout=min(left, 0.1))
            except queue.Empty:
                continue
            if message is None:  # a dead server answers nothing, and what it leaves behind may take a moment to go
                end = min(end, time.monotonic() + GRACE)
            self._take(message)

    def _take(self, message: dict[str, Any] | None) -> None:
        if message is None:
            return
        method = message.get("method")
        if method == "textDocument/publishDiagnostics":
            self.diagnostics[message["params"]["uri"]] = message["params"]
            self.published.append(message["params"])
        elif method == "window/showMessage":
            self.messages.append(message["params"]["message"])
        elif method is not None and "id" in message:
            self._send({"id": message["id"], "result": None})
        elif "id" in message:
            self.answers[message["id"]] = message

    def _listen(self) -> None:
        """Read messages; whatever stands between two of them is noise."""
        out = self._process.stdout
        assert out is not None
        size = 0
        while line := out.readline():
            if line.startswith(b"Content-Length: "):
                size = int(line.partition(b": ")[2])
            elif line == b"\r\n" and size:
                self._arrived.put(json.loads(out.read(size)))
                size = 0
            elif not line.startswith(b"Content-Type: "):
                self.noise += line
        self._arrived.put(None)


def applied(text: str, edits: list[dict[str, Any]]) -> str:
    """A text after edits, by the protocol's own count: lines from 0, columns in UTF-16 code units."""
    lines = text.splitlines(keepends=True) or [""]
    data = text.encode("utf-16-le")

    def offset(position: dict[str, int]) -> int:
        before = "".join(lines[: position["line"]])
        return len(before.encode("utf-16-le")) + 2 * position["character"]

    for edit in sorted(edits, key=lambda edit: offset(edit["range"]["start"]), reverse=True):
        start, end = offset(edit["range"]["start"]), offset(edit["range"]["end"])
        data = data[:start] + edit["newText"].encode("utf-16-le") + data[end:]
    return data.decode("utf-16-le")
