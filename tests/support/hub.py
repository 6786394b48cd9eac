"""A stand-in for the Hugging Face hub on loopback: the endpoints that a download uses, and ways to fail."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

COMMIT = "c0ffee" * 6 + "c0de"


class Hub:
    """One repository ``team/tiny`` with the files of a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names = [one.name for one in sorted(folder.iterdir())]
        self.commit = COMMIT
        self.refusal: tuple[int, str] | None = None
        """Status and error code of every answer."""
        self.token = ""
        """Wanted in every request."""
        self.breaks: list[int] = []
        """After how many bytes each of the next downloads of weights breaks off."""
        self.sizes: dict[str, int] = {}
        """What is said of sizes, where it is not the truth."""
        self.digests: dict[str, str] = {}
        self.ranges = True
        self.got: list[str] = []
        """What was asked for: ``GET name from-byte``."""
        self.url = ""

    def size(self, name: str) -> int:
        return self.sizes.get(name, (self.folder / name).stat().st_size)

    def digest(self, name: str) -> str:
        return self.digests.get(name) or hashlib.sha256((self.folder / name).read_bytes()).hexdigest()

    def info(self) -> dict:
        config = json.loads((self.folder / "config.json").read_text()) if "config.json" in self.names else {}
        files = [
            {"rfilename": name, "size": self.size(name), "blobId": "0" * 40,
             "lfs": {"sha256": self.digest(name), "size": self.size(name), "pointerSize": 130}}
            for name in self.names
        ]  # fmt: skip
        about = {"_id": "0", "id": "team/tiny", "private": False, "tags": [], "downloads": 0}
        return {**about, "sha": self.commit, "siblings": files, "config": {"model_type": config.get("model_type")}}


@contextmanager
def serving(folder: Path) -> Iterator[Hub]:
    hub = Hub(folder)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_HEAD(self) -> None:
            self._answer(body=False)

        def do_GET(self) -> None:
            self._answer(body=True)

        def _answer(self, body: bool) -> None:
            path = unquote(urlsplit(self.path).path)
            if hub.refusal:
                self._refuse(*hub.refusal)
            elif hub.token and self.headers.get("Authorization") != f"Bearer {hub.token}":
                self._refuse(401, "")
            elif path.startswith("/api/models/team/tiny"):
                revision = path.partition("/revision/")[2]
                if revision in ("", "main", hub.commit):
                    self._send(json.dumps(hub.info()).encode(), {}, body)
                else:
                    self._refuse(404, "RevisionNotFound")
            elif path.startswith(f"/team/tiny/resolve/{hub.commit}/"):
                self._file(path.rpartition("/")[2], body)
            else:
                self._refuse(401 if path.startswith("/api/") else 404, "RepoNotFound")

        def _file(self, name: str, body: bool) -> None:
            data = (hub.folder / name).read_bytes()
            start, status = 0, 200
            if (asked := self.headers.get("Range")) and hub.ranges:
                start, status = int(asked.removeprefix("bytes=").rstrip("-")), 206
            headers = {"ETag": f'"{hub.digest(name)}"', "X-Repo-Commit": hub.commit, "Accept-Ranges": "bytes"}
            headers["X-Linked-Size"] = str(hub.size(name))
            if status == 206:
                headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
            if body:
                hub.got.append(f"GET {name} {start}")
            limit = hub.breaks.pop(0) if body and name.endswith(".safetensors") and hub.breaks else None
            self._send(data[start:], headers, body, status, limit)

        def _refuse(self, status: int, code: str) -> None:
            self._send(b'{"error": "no"}', {"X-Error-Code": code, "X-Error-Message": "no"}, True, status)

        def _send(self, data: bytes, headers: dict, body: bool, status: int = 200, limit: int | None = None) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if body and self.command != "HEAD":
                self.wfile.write(data if limit is None else data[:limit])
                if limit is not None:
                    self.wfile.flush()
                    self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
