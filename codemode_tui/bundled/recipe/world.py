"""A generated workspace in memory, and the tools of the product on it, so that outputs come from execution."""

from __future__ import annotations

import contextlib
import datetime
import difflib
import fnmatch
import io
import re
import traceback
from collections.abc import Callable
from typing import Any

from codemode_tui.bundled.recipe import command_outputs, contents, names
from codemode_tui.bundled.recipe.source import Source
from codemode_tui.tools.protected import is_secret


class World:
    """Files by path. The tools have the semantics of the product's own."""

    def __init__(self, r: Source, files: int | None = None) -> None:
        self.files: dict[str, str] = {}
        self.modified: dict[str, int] = {}
        self.git = command_outputs.texts(r)
        folders = [names.folder(r) for _ in range(r.randint(0, 3))]
        for _ in range(files if files is not None else r.randint(2, 9)):
            where = f"{r.choice(folders)}/" if folders and r.random() < 0.5 else ""
            self.add(r, where + names.file_name(r))

    def add(self, r: Source, path: str, text: str | None = None) -> str:
        """Put a file there (with fitting random content) and return its path."""
        self.files[path] = contents.text_for(r, path) if text is None else text
        self.modified[path] = r.randint(1_600_000_000, 1_800_000_000)
        return path

    def copy(self) -> World:
        """The same workspace, to be changed on its own."""
        twin = World.__new__(World)
        twin.files, twin.modified, twin.git = dict(self.files), dict(self.modified), self.git
        return twin

    def folders(self) -> list[str]:
        return sorted({p.rsplit("/", 1)[0] for p in self.files if "/" in p})

    def run(self, code: str) -> tuple[str, bool]:
        """Execute ``code``; the text that goes back to the model, and whether it ran well."""
        out = io.StringIO()
        space: dict[str, Any] = {"__name__": "__main__", **self.tools()}
        try:
            with contextlib.redirect_stdout(out):
                exec(compile(code, "<code>", "exec"), space)
        except Exception as error:
            lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == "<code>"]
            message = error.args[0] if isinstance(error, KeyError) and error.args else error
            shown = repr(message) if isinstance(error, KeyError) else str(message)
            return (
                out.getvalue() + f"Error on line {lines[-1] if lines else 1}: {type(error).__name__}: {shown}",
                False,
            )
        return shorten(out.getvalue().removesuffix("\n")) or "(no output)", True

    def tools(self) -> dict[str, Callable[..., Any]]:
        made = (
            self.read_file,
            self.write_file,
            self.move_file,
            self.delete_file,
            self.file_info,
            self.list_directory,
            self.glob_files,
            self.search_files,
            self.run_command,
        )
        return {tool.__name__: tool for tool in made}

    def read_file(self, path: str, start: int | None = None, lines: int | None = None) -> str:
        text = self._text(path)
        if start is None and lines is None:
            return text
        first = (start or 1) - 1
        rows = text.splitlines(keepends=True)
        return "".join(rows[first:] if lines is None else rows[first : first + lines])

    def write_file(self, path: str, content: str) -> str:
        self.files[path] = content
        self.modified.setdefault(path, 1_800_000_001)
        return "success"

    def move_file(self, path: str, new_path: str) -> str:
        text = self._text(path)
        if new_path in self.files:
            raise FileExistsError(f"{new_path} exists already")
        self.files[new_path] = text
        self.modified[new_path] = self.modified.pop(path, 1_800_000_001)
        del self.files[path]
        return "success"

    def delete_file(self, path: str) -> str:
        self._text(path)
        del self.files[path]
        return "success"

    def file_info(self, path: str) -> dict[str, object]:
        text = self._text(path)
        when = datetime.datetime.fromtimestamp(self.modified[path], datetime.UTC).isoformat(timespec="milliseconds")
        return {
            "size": len(text.encode()),
            "modified": when.replace("+00:00", "Z"),
            "kind": "file",
            "lines": len(text.splitlines()),
        }

    def list_directory(self, path: str = ".") -> list[str]:
        prefix = "" if path in (".", "", "./") else path.strip("/") + "/"
        if prefix and not any(p.startswith(prefix) for p in self.files):
            raise FileNotFoundError(f"{path} does not exist" + self._similar(path))
        rest = [p[len(prefix) :] for p in self.files if p.startswith(prefix)]
        return sorted({p.split("/")[0] + ("/" if "/" in p else "") for p in rest})

    def glob_files(self, pattern: str) -> list[str]:
        return sorted(p for p in self.files if _glob(pattern, p))

    def search_files(self, pattern: str, path: str = ".", glob: str | None = None) -> list[str]:
        wanted = re.compile(pattern)
        prefix = "" if path in (".", "") else path.strip("/")
        found = []
        for name in sorted(self.files):
            inside = not prefix or name == prefix or name.startswith(prefix + "/")
            if inside and (glob is None or fnmatch.fnmatch(name.rsplit("/", 1)[-1], glob)):
                found += [
                    f"{name}:{n}: {line}"
                    for n, line in enumerate(self.files[name].splitlines(), 1)
                    if wanted.search(line)
                ]
        return found

    def run_command(self, command: str, args: list[str] | None = None, cwd: str | None = None) -> str:
        line = " ".join([command, *(args or [])])
        if line not in self.git:
            return f"/bin/sh: 1: {line.split()[0]}: not found\n[exit status 127]\n"
        return self.git[line]

    def _text(self, path: str) -> str:
        if is_secret(path.split("/")):
            raise PermissionError(f"{path} may hold secrets; tools never read or write it")
        if path not in self.files and any(known.startswith(path + "/") for known in self.files):
            raise IsADirectoryError(f"{path} is a folder, not a file; list_directory shows what is in it")
        if path not in self.files:
            raise FileNotFoundError(f"{path} does not exist" + self._similar(path))
        return self.files[path]

    def _similar(self, path: str) -> str:
        wanted = path.rstrip("/").rpartition("/")[2].casefold()
        paths: dict[str, list[str]] = {}
        for known in self._visible():
            paths.setdefault(known.rpartition("/")[2].casefold(), []).append(known)
        found = difflib.get_close_matches(wanted, paths, n=3, cutoff=0.6) if wanted else []
        stem = wanted.rpartition(".")[0] or wanted
        found += [name for name in paths if name.rpartition(".")[0] == stem and name not in found]
        near = [known for name in found for known in paths[name]][:3]
        return f" (similar: {', '.join(near)})" if near else ""

    def _visible(self) -> list[str]:
        """Files and folders that are not hidden, the shallowest first."""
        parts = [tuple(path.split("/")) for path in self.files]
        known = {part[:depth] for part in parts for depth in range(1, len(part) + 1)}
        shown = (part for part in known if not any(name.startswith(".") or is_secret((name,)) for name in part))
        return ["/".join(part) for part in sorted(shown, key=lambda part: (len(part), part))]


def shorten(text: str, limit: int = 250, head: int = 156, tail: int = 62) -> str:
    """What goes back to the model of a long output."""
    if len(text) <= limit:
        return text
    return f"{text[:head]}\n... [{len(text) - head - tail} characters left out] ...\n{text[-tail:]}"


def _glob(pattern: str, path: str) -> bool:
    want, have = pattern.split("/"), path.split("/")

    def match(i: int, j: int) -> bool:
        if i == len(want):
            return j == len(have)
        if want[i] == "**":
            return any(match(i + 1, k) for k in range(j, len(have) + 1))
        hidden = j < len(have) and have[j].startswith(".") and not want[i].startswith(".")
        return j < len(have) and not hidden and fnmatch.fnmatchcase(have[j], want[i]) and match(i + 1, j + 1)

    return match(0, 0)
