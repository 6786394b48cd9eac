"""`bench store`, wired: a store of its own, the key of the terminal interface, the export of the command."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from msgspec.structs import replace

from codemode_tui import locations
from codemode_tui.chat.context import Context, PastTurn
from codemode_tui.chat.conversation import Conversation
from codemode_tui.chat.services import Services
from codemode_tui.chat.settings import ChatSettings
from codemode_tui.cli.correcting import NoEngine
from codemode_tui.cli.ending import interrupt_when_told_to_end
from codemode_tui.cli.export import options, profiles
from codemode_tui.cli.progress import ProgressLine
from codemode_tui.engine.models import ModelRef, inspect
from codemode_tui.errors import StoreError
from codemode_tui.feedback.run import export as run_export
from codemode_tui.protocol.profiles import Profile, load_profile
from codemode_tui.store.records import FeedbackEvent, Rating
from codemode_tui.store.store import Store
from codemode_tui.training.bench.machine import describe_machine
from codemode_tui.training.bench.result import Bench
from codemode_tui.training.bench.store import Sizes, bench_store

SCREEN = (120, 40)
PAUSE = 0.2
"""Seconds between keys: the screen has shown what the key before did."""
PATIENCE = 30.0
MOST = 100
"""Sessions that are looked at for one to open."""


def bench(ref: ModelRef, profile: Profile, runs: int, sizes: Sizes = Sizes()) -> Bench:  # noqa: B008 - frozen
    """Everything, beside the user's own store and on the same disk; nothing of it stays.

    Raises:
        ModelError: the model is not whole.
        StoreError, OSError: the disk cannot take it.
    """
    machine, progress = describe_machine(), ProgressLine()
    info = replace(inspect(ref), profile=profile.name)  # first: what is wrong with it is found out in time

    def export(file: Path, out: Path) -> None:
        with closing(Store.open(file)) as store:
            run_export(store.feedback_records(), store.external_rows(), profiles(), options(ref), out)

    # Being terminated is an interrupt like ctrl+c: half a gigabyte must not stay behind.
    interrupt_when_told_to_end()
    try:
        with tempfile.TemporaryDirectory(prefix="bench-", dir=locations.private_dir(locations.data_dir())) as folder:
            results = bench_store(Path(folder), profile, press, export, runs, progress.say, sizes)
    finally:
        progress.clear()
    return Bench(machine, info, tuple(results))


class StampedStore(Store):
    """Says when each rating was on disk."""

    def __init__(self, file: Path) -> None:
        super().__init__(file)
        self.rated: asyncio.Queue[tuple[float, int]] = asyncio.Queue()

    async def rate(self, target: str, value: Rating, actor: str = "user") -> FeedbackEvent:
        event = await super().rate(target, value, actor)
        self.rated.put_nowait((time.perf_counter(), value))
        return event


def press(file: Path, number: int, between: Callable[[], None]) -> list[float]:
    """As ``training.bench.store.Press``."""
    return asyncio.run(_press(file, number, between))


async def _press(file: Path, number: int, between: Callable[[], None]) -> list[float]:
    from textual.events import Key

    from codemode_tui.cli.rows import Shelf
    from codemode_tui.front.replay import past_turns
    from codemode_tui.tui.app import CodemodeApp
    from codemode_tui.tui.themes import load_themes

    store = StampedStore.open(file)
    assert isinstance(store, StampedStore)
    conversation = await _resumed(store)
    try:
        themes = load_themes(locations.themes_dirs())
        past = await past_turns(conversation, 1)
        app = CodemodeApp(conversation, themes=themes, theme=next(iter(themes)), past=past, records=Shelf(store, None))
        found: list[float] = []
        async with app.run_test(size=SCREEN):
            while len(found) < number:
                await asyncio.sleep(PAUSE)
                begun = time.perf_counter()
                app.post_message(Key("ctrl+g", None))
                try:
                    at, value = await asyncio.wait_for(store.rated.get(), PATIENCE)
                except TimeoutError:  # an OSError without words
                    raise StoreError(
                        f"the key for thumbs-down had rated nothing after {PATIENCE:g} s", hint="try again"
                    ) from None
                if value < 0:  # every second one takes it back
                    found.append(at - begun)
                    await asyncio.sleep(PAUSE)
                    between()
        return found
    finally:
        await conversation.close()


async def _resumed(store: Store) -> Conversation:
    """A session whose last turn nobody has rated, as ``--session`` opens it; there is neither model nor sandbox."""
    for session in await store.sessions(limit=MOST):
        turns = await store.turns(session.id)
        if not await store.feedback(turns[-1].id):
            break
    past = tuple(PastTurn(turn.id, turn.messages(""), turn.rating) for turn in turns)
    return Conversation(
        Services(
            engine=NoEngine(),
            profile=load_profile("bundled"),
            recorder=store,
            settings=ChatSettings(),
            workspace=Path(session.workspace),
            session=session.id,
            context=Context(turn.messages for turn in past),
            past=past,
        )
    )
