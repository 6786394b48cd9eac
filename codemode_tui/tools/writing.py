"""The tools that change files: shown, approved, checked again, journalled, then applied in one step."""

from __future__ import annotations

import asyncio
import errno
import os
import stat
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from codemode_tui.sandbox.spawn import to_the_end
from codemode_tui.sandbox.stopwatch import waiting_for_a_person
from codemode_tui.sandbox.types import FileChange
from codemode_tui.tools.diff import quoted, unified
from codemode_tui.tools.image import Image, make_folders, put, remove, rename_new, take
from codemode_tui.tools.journal import Effect, Journal, net
from codemode_tui.tools.near import missing
from codemode_tui.tools.own import is_below, own_folders
from codemode_tui.tools.paths import Place, Workspace, kind_of, plain, split
from codemode_tui.tools.protected import Guard, in_repository, write_guard
from codemode_tui.tools.types import Approve, ToolLimits, WriteRequest

DONE = "success"
_OTHER = "unknown content"


@dataclass(frozen=True, slots=True)
class _Plan:
    """A change as it was shown; applying it checks that all of it still holds."""

    request: WriteRequest
    guard: Guard
    effects: tuple[Effect, ...]
    apply: Callable[[], None]


class Writer:
    """One change at a time: what is asked while another change waits for its yes, waits too."""

    def __init__(
        self,
        workspace: Workspace,
        limits: ToolLimits,
        *,
        allowed: bool,
        approve: Approve | None,
        journal: Journal | None,
    ) -> None:
        self._workspace = workspace
        self._limits = limits
        self._allowed = allowed
        self._approve = approve
        self._journal = journal
        self._lock = asyncio.Lock()
        self._states: dict[str, tuple[str | None, str | None]] = {}

    @property
    def changed(self) -> tuple[FileChange, ...]:
        """What differs now from before the run, in order of path."""
        states = sorted(self._states.items())
        return tuple(FileChange(path, net(*pair)) for path, pair in states if pair[0] != pair[1])

    def note(self, changes: tuple[FileChange, ...]) -> None:
        """Remember what a command changed: by then the content of before is gone, and only its name is known."""
        for change in changes:
            earlier = None if change.change == "created" else _OTHER
            before = self._states.get(change.path, (earlier, None))[0]
            self._states[change.path] = before, None if change.change == "deleted" else f"{_OTHER} afterwards"
            if self._journal is not None and change.path in self._journal.paths:
                # Else it would look as if somebody had changed it after the run, which then could not be undone.
                with suppress(OSError, ValueError), self._workspace.find(change.path, follow=False) as place:
                    self._record((Effect(change.path, None, take(place, self._limits.write_bytes, shared=True)),))

    async def write(self, path: str, content: str) -> str:
        try:
            data = content.encode("utf-8")
        except UnicodeEncodeError as error:
            raise ValueError(f"the content for {path} cannot be written as UTF-8: {error.reason}") from None
        if len(data) > self._limits.write_bytes:
            raise ValueError(
                f"the content for {path} has {len(data):,} bytes; {self._limits.write_bytes:,} may be written"
            )
        return await self._change(path, lambda: self._plan_write(path, data))

    async def move(self, path: str, new_path: str) -> str:
        return await self._change(path, lambda: self._plan_move(path, new_path))

    async def delete(self, path: str) -> str:
        return await self._change(path, lambda: self._plan_delete(path))

    async def _change(self, path: str, plan_it: Callable[[], _Plan]) -> str:
        if not self._allowed and self._approve is None:
            raise PermissionError(f"{path} was not changed: writing was not allowed for this run")
        with waiting_for_a_person():  # another change may be waiting for its yes
            await self._lock.acquire()
        try:
            plan = await asyncio.to_thread(plan_it)
            if plan.effects and all(e.before == e.after for e in plan.effects):
                return DONE
            await self._permit(plan)
            await to_the_end(asyncio.to_thread(self._carry_out, plan))
        finally:
            self._lock.release()
        return DONE

    async def _permit(self, plan: _Plan) -> None:
        """Return when the change is granted; raise PermissionError otherwise."""
        where = plan.request.new_path or plan.request.path
        if self._approve is None:
            if plan.guard is Guard.ASK:
                raise PermissionError(
                    f"{where} was not changed: a person has to approve this file, and nobody can be asked"
                )
            return
        with waiting_for_a_person():
            granted = await self._approve(plan.request)
        if not granted:
            raise PermissionError(f"{where} was not changed: the user declined it")

    def _carry_out(self, plan: _Plan) -> None:
        self._workspace.check()
        plan.apply()
        for effect in plan.effects:
            before = self._states.get(effect.path, (_sha(effect.before), None))[0]
            self._states[effect.path] = before, _sha(effect.after)

    def _plan_write(self, path: str, data: bytes) -> _Plan:
        _refuse_folder(path)
        with self._workspace.find(path) as place:
            guard = self._guard(place)
            before = take(place, self._limits.write_bytes)
            if before is not None and place.info is not None and not place.info.st_mode & stat.S_IWUSR:
                raise PermissionError(f"{place.path} is read-only")
            real, folders = place.path, _folders(place)
        effect = Effect(real, before, Image(data, before.mode if before else None))
        request = WriteRequest(
            "write_file", real, "create" if before is None else "modify",
            unified(real, before.data if before else None, data, self._limits.diff_lines),
            (*_warn(guard), *_line_ends(before, data), *_made(folders)),
            sensitive=guard is Guard.ASK,
        )  # fmt: skip

        def apply() -> None:
            with self._again(path, effect) as place:
                self._record((effect,), folders)
                make_folders(place)
                put(place, effect.after or Image(b""), new=before is None)

        return _Plan(request, guard, (effect,), apply)

    def _plan_delete(self, path: str) -> _Plan:
        if path.endswith("/"):
            return self._plan_delete_folder(path)
        with self._workspace.find(path, follow=False) as place:
            guard, before, real = self._existing(place, path)
        request = WriteRequest(
            "delete_file",
            real,
            "delete",
            unified(real, before.data, None, self._limits.diff_lines),
            _warn(guard),
            sensitive=guard is Guard.ASK,
        )
        effect = Effect(real, before, None)

        def apply() -> None:
            with self._again(path, effect, follow=False) as place:
                self._record((effect,))
                remove(place)

        return _Plan(request, guard, (effect,), apply)

    def _plan_delete_folder(self, path: str) -> _Plan:
        """Of an empty one alone: all that a deletion takes away has been shown."""
        with self._workspace.find(path, follow=False) as place:
            guard, real = self._guard(place), place.path
            if place.info is None:
                raise missing(self._workspace, path)
            if not place.is_dir or not place.parts:
                what = f"a {kind_of(place.info)}" if place.parts else "the workspace itself"
                raise PermissionError(f"{path} is {what}; only a folder in the workspace can be deleted by this name")
            fd = place.open_dir()
            try:
                if os.listdir(fd):
                    raise plain(OSError(errno.ENOTEMPTY, ""), path)
            finally:
                os.close(fd)
        request = WriteRequest(
            "delete_file", f"{real}/", "delete", f"remove {quoted(f'{real}/')}\n",
            (*_warn(guard), "deletes an empty folder"),
            sensitive=guard is Guard.ASK,
        )  # fmt: skip

        def apply() -> None:
            with self._workspace.find(path, follow=False) as place:
                if place.path != real:
                    raise PermissionError(f"{path} was changed by something else meanwhile; nothing was deleted")
                self._record((), removed=(real,))
                try:
                    os.rmdir(place.name, dir_fd=place.parent)  # which refuses a link, and a folder that was filled
                except OSError as error:
                    raise plain(error, path) from None

        return _Plan(request, guard, (), apply)

    def _plan_move(self, path: str, new_path: str) -> _Plan:
        _refuse_folder(new_path)
        with (
            self._workspace.find(path, follow=False) as source,
            self._workspace.find(new_path, follow=False) as target,
        ):
            guard, before, real = self._existing(source, path)
            new_guard = self._guard(target)
            respelled = source.path == target.path and split(new_path)[-1] != source.name
            if target.info is not None and not respelled:
                raise FileExistsError(f"{new_path} exists already; choose another name, or delete it first")
            goal, folders = "/".join((*target.parts[:-1], split(new_path)[-1])), _folders(target)
        strict = new_guard if new_guard is Guard.ASK else guard
        request = WriteRequest(
            "move_file", real, "move", f"rename from {quoted(real)}\nrename to {quoted(goal)}\n",
            (*_warn(strict), *_made(folders)), goal, strict is Guard.ASK,
        )  # fmt: skip
        gone, come = Effect(real, before, None), Effect(goal, None, before)

        def apply() -> None:
            # The file stands in its own way where spellings of its name mean the same.
            also = gone if respelled else come
            with (
                self._again(path, gone, follow=False) as source,
                self._again(new_path, also, follow=False) as target,
            ):
                self._record((gone, come), folders)
                make_folders(target)
                name = os.path.basename(goal)
                try:
                    if respelled:
                        os.rename(source.name, name, src_dir_fd=source.parent, dst_dir_fd=target.parent)
                    else:
                        rename_new(source.name, source.parent, name, target.parent)
                    os.fsync(target.parent)
                except OSError as error:
                    of_source = error.filename is not None and error.filename2 is None
                    raise plain(error, path if of_source else new_path) from None

        return _Plan(request, strict, (gone, come), apply)

    def _existing(self, place: Place, path: str) -> tuple[Guard, Image, str]:
        guard = self._guard(place)
        before = take(place, self._limits.write_bytes)
        if before is None:
            raise missing(self._workspace, path)
        return guard, before, place.path

    def _guard(self, place: Place) -> Guard:
        root = self._workspace.root
        if in_repository(root.parts):
            raise PermissionError(
                f"{place.path} is never written: the workspace lies in a .git folder, where git runs what it finds; "
                "choose the folder above it with --workspace"
            )
        guard = write_guard(place.parts, above=root.name)
        if guard is Guard.DENY:
            raise PermissionError(f"{place.path} is never written: it could make other programs run code")
        if is_below(place.parts, own_folders(root)):
            raise PermissionError(f"{place.path} is never written: codemode keeps its own files there")
        return guard

    def _again(self, path: str, effect: Effect, *, follow: bool = True) -> Place:
        """The same place, with what was shown still true of it; held open for the change.

        Raises:
            PermissionError: the path leads elsewhere, or the file was changed meanwhile.
        """
        place = self._workspace.find(path, follow=follow)
        try:
            if place.path != effect.path or take(place, self._limits.write_bytes) != effect.before:
                raise PermissionError(f"{path} was changed by something else meanwhile; nothing was written")
        except BaseException:
            place.close()
            raise
        return place

    def _record(
        self, effects: tuple[Effect, ...], folders: tuple[str, ...] = (), removed: tuple[str, ...] = ()
    ) -> None:
        try:
            if self._journal is not None:
                self._journal.record(effects, folders, removed)
        except OSError as error:
            raise plain(error, "what undoes this run") from None


def _refuse_folder(path: str) -> None:
    if path.endswith("/"):
        raise IsADirectoryError(f"{path} names a folder; name the file in it, such as {path}file.txt")


def _warn(guard: Guard) -> tuple[str, ...]:
    return ("this file changes what tests, tools or agents do",) if guard is Guard.ASK else ()


def _made(folders: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"creates the folder {quoted(f'{name}/')}" for name in folders)


def _line_ends(before: Image | None, data: bytes) -> tuple[str, ...]:
    """Said in words too: a diff of bounded size may show none of the lines."""
    if before is None or b"\n" not in before.data or b"\n" not in data:
        return ()
    old, new = (b"\r\n" in text for text in (before.data, data))
    return () if old == new else (f"changes the line ends of the file ({'CRLF to LF' if old else 'LF to CRLF'})",)


def _folders(place: Place) -> tuple[str, ...]:
    """The folders that are to be created, as workspace paths."""
    top = len(place.parts) - 1 - len(place.missing)
    return tuple("/".join(place.parts[: top + i + 1]) for i in range(len(place.missing)))


def _sha(image: Image | None) -> str | None:
    return None if image is None else image.sha256
