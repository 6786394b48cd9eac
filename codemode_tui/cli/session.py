"""Build a conversation from settings and arguments: the one place where the rooms are wired together."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from codemode_tui import config, locations
from codemode_tui.chat.context import Context, PastTurn, as_seen
from codemode_tui.chat.conversation import Conversation
from codemode_tui.chat.ports import NullRecorder, Recorder
from codemode_tui.chat.services import ApproveWrite, Services
from codemode_tui.chat.settings import ChatSettings, sampling_of
from codemode_tui.cli.wide import closed
from codemode_tui.config_places import numbered
from codemode_tui.engine import factory
from codemode_tui.engine.api import Engine
from codemode_tui.engine.models import tokenizer_hash
from codemode_tui.errors import ConfigError, ModelError, UsageError, WorkspaceError
from codemode_tui.protocol.profiles import Profile, load_profile
from codemode_tui.protocol.types import Message
from codemode_tui.sandbox.types import Limits, Sandbox, ToolHost
from codemode_tui.settings import McpServer, McpSettings, Settings

if TYPE_CHECKING:
    from codemode_tui.engine.models import ModelRef
    from codemode_tui.store.records import StoredTurn
    from codemode_tui.store.store import Store
    from codemode_tui.tools.mcp.servers import Servers


class Options(msgspec.Struct, frozen=True):
    """What the command line says about a conversation; None leaves it to the settings."""

    workspace: Path | None = None
    """The one that the user has named: code may see all that it holds."""
    folder: Path | None = None
    """The one where none is named; None: the current folder."""
    model: str | None = None
    profile: str | None = None
    session: str | None = None
    resume_last: bool = False
    fork: str | None = None
    """A stored turn, or a session (its last turn), whose conversation goes on in a session of its own."""
    store: bool = True
    run: str = "ask"
    allow_write: bool = False
    max_tokens: int | None = None
    temp: float | None = None
    seed: int | None = None
    servers: bool = True
    """Whether the code may call the MCP servers of the settings."""
    offered: dict[str, McpServer] = {}
    """Further ones, of whoever asks."""
    passing: bool = False
    """Whether the folder is gone once the conversation is over: no project file in it says anything, and no run in it
    is kept for an undo, where it would push out one of the user's own."""


async def open_conversation(options: Options, engine: Engine | None = None) -> Conversation:
    """Wire engine, sandbox, tools and store into a conversation. Nothing heavy is started yet.

    Args:
        options: the command line.
        engine: use this engine instead of a new one. ``Conversation.close`` closes it either way.

    Raises:
        WorkspaceError, ConfigError, ModelError, UsageError, StoreError: each names its fix.
    """
    workspace = check_workspace(options.workspace or options.folder or locations.current_dir())
    settings = config.load_settings(locations.config_file(), None if options.passing else workspace)
    if options.offered:
        both = McpSettings({**options.offered, **settings.mcp.servers})
        settings = msgspec.structs.replace(settings, mcp=both)
    model, profile = find_model_of(options, settings)
    servers = make_servers(settings) if options.servers and options.run != "never" else None
    recorder, session, past, context = await _recorder(options, workspace, tokenizer_hash(model.path), profile)
    engine = engine or factory.make_engine(model, profile.name, settings.engine)
    backend: list[Sandbox] = []

    async def sandbox() -> Sandbox:
        if not backend:
            from codemode_tui.sandbox.select import choose

            backend.append(await choose(settings.sandbox.backend, settings.sandbox.packages))
        return backend[0]

    def tools(approve: ApproveWrite, commands_write: bool) -> ToolHost:
        asked = approve if options.run == "ask" else None
        shut = closed(workspace, options.workspace)
        return make_tools(
            workspace,
            allow_write=commands_write,
            approve=asked,
            servers=servers,
            closed=shut,
            undoable=not options.passing,
        )

    services = Services(
        engine=engine,
        profile=profile,
        recorder=recorder,
        settings=_chat_settings(options, settings),
        workspace=workspace,
        sandbox=sandbox,
        tools=tools,
        session=session,
        context=context,
        past=past,
        servers=servers,
        commands_write=options.allow_write,
    )
    if servers is not None:
        servers.begin()
    return Conversation(services)


def make_servers(settings: Settings) -> Servers | None:
    """The MCP servers of the settings, not started yet; None where there are none.

    Raises:
        ConfigError: the extra that speaks with them is not installed.
    """
    if not any(one.enabled for one in settings.mcp.servers.values()):
        return None
    from codemode_tui.tools.mcp.servers import Servers

    return Servers(settings.mcp.servers, locations.cache_dir() / "mcp")


def make_engine(options: Options, *, shared: bool = True) -> Engine:
    """An engine for the model of ``options``, not started yet, that several conversations may use.

    Args:
        options: the command line.
        shared: whether it may be the one that other terminals use.

    Raises:
        ConfigError, ModelError: each names its fix.
    """
    settings = config.load_settings(locations.config_file(), options.workspace)
    model, profile = find_model_of(options, settings)
    engine = settings.engine if shared else msgspec.structs.replace(settings.engine, shared=False)
    return factory.make_engine(model, profile.name, engine)


def check_workspace(path: Path) -> Path:
    """The resolved workspace folder.

    Raises:
        WorkspaceError: it is not there, not a folder, or cannot be read.
    """
    try:
        resolved = path.resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:  # a link that leads to itself, a NUL in the name
        raise WorkspaceError(f"no workspace at {path}", hint="name an existing folder") from error
    if not resolved.is_dir():
        raise WorkspaceError(f"{path} is not a folder", hint="name a folder")
    if not os.access(resolved, os.R_OK | os.X_OK):
        raise WorkspaceError(f"{path} cannot be read", hint="check its permissions (ls -ld)")
    return resolved


def make_tools(
    workspace: Path,
    *,
    allow_write: bool,
    approve: ApproveWrite | None,
    servers: Servers | None = None,
    closed: str = "",
    undoable: bool = True,
) -> ToolHost:
    """A fresh set of workspace tools for one run; ``closed`` as in ``WorkspaceTools``, ``undoable``: with a journal."""
    from codemode_tui.sandbox.commands import CommandRunner
    from codemode_tui.tools.closed import closed_paths
    from codemode_tui.tools.host import WorkspaceTools
    from codemode_tui.tools.runs import new_journal

    commands = CommandRunner(workspace, allow_write=allow_write, closed=closed_paths)
    journal = new_journal() if undoable and (allow_write or approve) else None
    more = servers.specs(approve) if servers is not None else None
    return WorkspaceTools(
        workspace,
        allow_write=allow_write,
        approve=approve,
        commands=commands,
        journal=journal,
        more=more,
        closed=closed,
    )


def find_model_of(options: Options, settings: Settings) -> tuple[ModelRef, Profile]:
    """The model that would answer, and how it was trained.

    Raises:
        ConfigError, ModelError: each names its fix.
    """
    from codemode_tui.engine.models import find_model

    with _where_it_is_set(options, "default", options.model):
        model = find_model(options.model or settings.model.default)
    name = options.profile or settings.model.profile_for(options.model) or model.profile
    with _where_it_is_set(options, "profile", options.profile or options.model):
        return model, load_profile(name, extra_dirs=(locations.config_dir() / "profiles",))


@contextmanager
def _where_it_is_set(options: Options, key: str, given: str | None) -> Iterator[None]:
    """What is wrong with a model that the command line has not ``given`` is said with the file that names it."""
    try:
        yield
    except ModelError as error:
        folder = options.workspace or options.folder or locations.current_dir()
        projects = () if options.passing else (folder / config.PROJECT_FILE,)
        for file in () if given else (*projects, locations.config_file()):
            table = config.read_table(file).get("model")
            if isinstance(table, dict) and key in table:
                (said,) = numbered(file, [f"model.{key}: {error.message}"])
                raise ModelError(f"{file}: {said}", hint=error.hint) from error
        raise


def _chat_settings(options: Options, settings: Settings) -> ChatSettings:
    said = {name: getattr(options, name) for name in ("temp", "seed", "max_tokens")}
    sampling = msgspec.structs.replace(
        sampling_of(settings), **{name: value for name, value in said.items() if value is not None}
    )
    limits = Limits.of(settings.sandbox.timeout, settings.sandbox.memory_mb)
    if options.run not in ("ask", "auto", "never"):
        raise UsageError(f"--run {options.run} does not exist", hint="choose never or auto")
    return ChatSettings(
        run=options.run,  # type: ignore[arg-type]  # checked above
        max_steps=settings.tools.max_steps,
        retries=settings.tools.retries,
        other_tries=settings.feedback.tries,
        at_limit=settings.engine.at_limit,
        guided=settings.engine.grammar and _has_grammar(),
        sampling=sampling,
        limits=limits,
    )


def _has_grammar() -> bool:
    """Raises ``ConfigError`` when what makes grammars is not installed."""
    if find_spec("llguidance") is None:
        raise ConfigError(
            "engine.grammar is on, and llguidance is not installed",
            hint="pip install 'codemode-tui[grammar]', or: codemode config set engine.grammar false",
        )
    return True


async def _recorder(
    options: Options, workspace: Path, tokenizer: str, profile: Profile
) -> tuple[Recorder, str, tuple[PastTurn, ...], Context]:
    """The store, the session to write into, the turns it already has, and what its newest has come to."""
    known = options.session is not None or options.resume_last or options.fork is not None
    if not options.store and not known:
        nothing = NullRecorder()
        return nothing, await nothing.new_session(workspace), (), Context()
    from codemode_tui.store.store import Store

    store = Store.open(locations.store_file())
    try:
        if options.fork is not None:
            session, asked = "", [await _forked(store, options.fork)]
        else:
            session = await _known_session(store, options, workspace)
            asked = await store.turns(session) if session else []
        turns = [turn for turn in asked if turn.state == "done"]
        past = tuple(PastTurn(turn.id, turn.messages(tokenizer), turn.rating) for turn in turns if session)
        context = Context()
        if asked:
            # Not simply all turns: one that was asked again is out of it, and a fork begins with another session's
            # (so does its first question, if none has been answered).
            last = turns[-1] if turns else asked[0]
            before = await store.context(last.id)
            if any(one.tokenizer == tokenizer for one in last.generations):
                before = await _seen(store, profile, last, before)
            else:
                before = tuple(Message(one.role, one.content) for one in before)
            context = Context.of((*before, *(last.messages(tokenizer) if turns else ())))
        if not options.store:
            store.close()
            return NullRecorder(), session or await NullRecorder().new_session(workspace), past, context
        if session:
            await store.resume_session(session, workspace)
        else:
            session = await store.new_session(workspace)
    except BaseException:
        store.close()
        raise
    return store, session, past, context


async def _seen(store: Store, profile: Profile, turn: StoredTurn, before: tuple[Message, ...]) -> tuple[Message, ...]:
    """What of ``before`` was still in the last prompt of ``turn``: what was left out once stays out, or the beginning
    would change, and all be read again, with every question."""
    said = turn.messages("")
    answers = [at for at, message in enumerate(said) if message.role == "assistant"]
    if not answers:
        return before
    generation = [one for one in turn.generations if one.finished][-1]
    prompt, provenance = await store.prompt(generation.id)
    same = provenance.get("profile_sha256") == profile.sha256
    seen = as_seen(profile, before, said[: answers[-1]], prompt) if same else None
    return before if seen is None else seen


async def _known_session(store: Store, options: Options, workspace: Path) -> str:
    """The session that goes on; empty for a new one.

    Its turns are filed under the name of its folder. In another folder they would be out of place: a correction would
    run in the first one. In the same folder under another name (it was moved, and a link left) it would not, so it
    goes on there, and from then on is filed, with all its turns, under that name (``Store.resume_session``). Sessions
    that have not gone on since are still found by the old name alone.
    """
    if options.session is not None:
        known = await store.session(options.session)
        if options.store and not known.is_about(workspace):
            there = f"name that folder with --workspace, or go on here with --fork {known.id} instead of --session"
            gone = f"go on from it here with `codemode sessions fork {known.id}`, or codemode ask … --fork {known.id}"
            raise UsageError(
                f"session {known.id} is about {known.workspace}, and this is {workspace}",
                hint=there if os.path.isdir(known.workspace) else f"that folder is gone: {gone}",
            )
        return known.id
    found = await store.sessions(workspace, limit=1) if options.resume_last else []
    return found[0].id if found else ""


async def _forked(store: Store, given: str) -> StoredTurn:
    """The turn up to which a fork knows what was said.

    Raises:
        UsageError: no turn and no session begins like that, or none of it has been answered.
    """
    try:
        turns = await store.turns((await store.session(given)).id)
    except UsageError:
        turns = [await store.turn(given)]
    done = [turn for turn in turns if turn.state == "done"]
    if not done:
        raise UsageError(f"nothing in {given} has been answered", hint="`codemode sessions list` lists what there is")
    return done[-1]
