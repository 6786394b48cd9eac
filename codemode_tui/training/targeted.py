"""Examples for the patterns that lack them: proposed by a generator, kept if they have the pattern and are proven.

A generator is any source of proposals. There are two: the one that the bundled model was made with, for that model's
own domain, and for any other a file of prompts, which a model answers.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from codemode_tui.chat import events as ev
from codemode_tui.chat.conversation import Conversation
from codemode_tui.corpus.rows import BOM, read_lines
from codemode_tui.errors import EngineError, UsageError
from codemode_tui.protocol.parser import parse
from codemode_tui.protocol.profiles import Profile
from codemode_tui.protocol.render import RESPONSE, RESPONSE_END, clean
from codemode_tui.protocol.types import Decision, Message
from codemode_tui.training.gaps import DIRECT, Targets, patterns
from codemode_tui.training.loading import wrong_paths
from codemode_tui.training.workbench import Bench, fresh_folder, put

TRIES = 8_000
"""Conversations that the bundled generator makes at most: some patterns it does not know."""
ALIKE = 3
"""Examples with the same syntax tree at most."""


class Proposal(NamedTuple):
    """One conversation that might be learnt from."""

    messages: tuple[Message, ...]
    files: tuple[dict[str, str], ...] = ()
    """Before each call, what stood in the folder; empty where the calls have just been run."""

    @property
    def query(self) -> str:
        return self.messages[0].content


class Prompt(msgspec.Struct, frozen=True):
    """One question of a file of prompts."""

    query: str
    files: dict[str, str] = {}


class Wanted:
    """What is still missing, pattern by pattern."""

    def __init__(self, targets: Targets, most: int) -> None:
        self.asked = {one.pattern: min(one.target - one.have, most) for one in targets.targets}
        self.left = Counter(self.asked)
        self._avoid = {tree for one in targets.targets for tree in one.avoid_skeletons}
        self._trees: Counter[str] = Counter()
        self._queries: set[str] = set()

    @property
    def done(self) -> bool:
        return not any(number > 0 for number in self.left.values())

    def fits(self, proposal: Proposal) -> bool:
        """Whether it has a pattern that is missing, in a form that there is not enough of."""
        names, trees = _made_of(proposal)
        known = " ".join(proposal.query.casefold().split()) in self._queries
        return (
            not known
            and any(self.left[name] > 0 for name in names)
            and not trees & self._avoid
            and all(self._trees[tree] < ALIKE for tree in trees)
        )

    def take(self, proposal: Proposal) -> None:
        """Count one that is kept."""
        names, trees = _made_of(proposal)
        self._queries.add(" ".join(proposal.query.casefold().split()))
        self._trees.update(trees)
        for name in names & self.left.keys():
            self.left[name] -= 1

    def found(self) -> dict[str, dict[str, int]]:
        """``{pattern: {"wanted", "found"}}``."""
        return {name: {"wanted": n, "found": min(n, n - self.left[name])} for name, n in self.asked.items()}


def read_targets(file: Path) -> Targets:
    """What ``data gaps`` wrote.

    Raises:
        UsageError: there is no such file, or it is none of ours.
    """
    try:
        return msgspec.json.decode(file.read_bytes().removeprefix(BOM), type=Targets)
    except FileNotFoundError:
        raise UsageError(f"no {file}", hint="`codemode data gaps` writes it") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: {error}", hint="write it again with `codemode data gaps`") from error


def read_prompts(file: Path) -> list[Prompt]:
    """A question a line: as text, or as ``{"query": …, "files": {path: text}}``.

    Raises:
        UsageError: naming the first line that is neither; the file cannot be read.
    """
    found = []
    for number, line in read_lines(file):
        try:
            json_row = line.lstrip().startswith(b"{")
            one = msgspec.json.decode(line, type=Prompt) if json_row else Prompt(line.decode("utf-8").strip())
            if not one.query.strip():
                raise ValueError("the question is blank")
            if wrong := wrong_paths(one.files):
                raise ValueError(wrong[0])
        except ValueError as error:  # of msgspec and of UTF-8, too
            raise UsageError(f"{file}, line {number}: {error}", hint='write a question, or {"query": …}') from error
        found.append(one)
    if not found:
        raise UsageError(f"{file} holds no prompt", hint="write a question a line")
    return found


def generated(seed: int) -> Iterator[Proposal]:
    """Conversations of one question in the bundled model's own domain, none of which the built-in suite asks."""
    from codemode_tui.bundled.recipe import leaks, rows

    is_free = leaks.free_of(leaks.queries())
    for number, row in enumerate(rows.rows(seed)):
        if number >= TRIES:
            return
        asked = sum(role == "user" for role, _ in row.turns)
        # What git prints is not there when it is run again.
        commands = any(role == "assistant" and "run_command(" in text for role, text in row.turns)
        if asked == 1 and not commands and is_free(row):
            messages = tuple(Message(role, text) for role, text in row.turns)
            yield Proposal(messages, tuple(dict(world.files) for world in row.worlds))


async def answered(
    prompts: Sequence[Prompt],
    open_conversation: Callable[[Path], Awaitable[Conversation]],
    on_skipped: Callable[[Prompt, str], None] | None = None,
    on_refused: Callable[[str], None] | None = None,
) -> AsyncGenerator[Proposal, None]:
    """What a model says to prompts, each over its own files; turns that fail, or whose code does, are none, and
    ``on_refused`` is told why: ``failed``, ``malformed`` or ``unverified``.

    Nor is a prompt whose files cannot be written here, which ``on_skipped`` is told with the reason: what was made
    before it is not lost for that.

    Raises:
        EngineError: not a single prompt could be asked.
    """
    unasked, asked = "", False
    for prompt in prompts:
        with fresh_folder("codemode-prompt-") as folder:
            try:
                put(folder, prompt.files)
            except (OSError, ValueError) as error:
                if on_skipped:
                    on_skipped(prompt, str(error).replace(f"{folder}/", ""))
                continue
            conversation = await open_conversation(folder)
            last: ev.Event | None = None
            async for event in conversation.ask(prompt.query):
                last = event
        if isinstance(last, ev.TurnFailed) and last.kind != "error":  # what was to ask failed, not the answer
            unasked = unasked or f"{last.kind}: {last.message}"
        else:
            asked = True
        reason = _unsound(last)
        if not reason:
            yield Proposal(conversation.services.context.messages())
        elif on_refused:
            on_refused(reason)
    if unasked and not asked:
        raise EngineError(f"not a single prompt could be asked: {clean(unasked)}", hint="mend that first")


def _unsound(last: ev.Event | None) -> str:
    """Why nothing can be learnt from a turn that ended like this; empty if something can."""
    if not isinstance(last, ev.TurnDone):
        return "failed"
    steps = last.record.steps
    if any(step.decision["value"] not in ("tool", "direct") for step in steps):
        return "malformed"
    return "unverified" if any(step.run is not None and step.run.status != "ok" for step in steps) else ""


async def proven(proposal: Proposal, bench: Bench) -> bool:
    """Whether each call, run in the sandbox over its files, prints what the conversation says it printed.

    Raises:
        SandboxError: there is none.
    """
    if not proposal.files:
        return True
    calls = [message for message in proposal.messages if message.role == "assistant" and _code(message)]
    outputs = [message.content for message in proposal.messages if message.role == "tool"]
    if not len(calls) == len(outputs) == len(proposal.files):
        return False
    for call, output, files in zip(calls, outputs, proposal.files, strict=True):
        (outcome,) = (await bench.run([_code(call)], files)).outcomes
        shown = "" if output == "(no output)" else output
        if outcome.status != "ok" or outcome.stdout.removesuffix("\n") != shown:
            return False
    return True


def as_row(proposal: Proposal, profile: Profile) -> bytes:
    """The line of JSON that is imported: the conversation under the profile's system prompt."""
    said = [{"role": "system", "content": profile.system_prompt}]
    for message in proposal.messages:
        text = message.content
        if message.role == "tool":
            text = f"{RESPONSE}\n{text}\n{RESPONSE_END}" + ("\n" if profile.response_newline else "")
        said.append({"role": "user" if message.role == "tool" else message.role, "content": text})
    return json.dumps({"messages": said}, ensure_ascii=False).encode("utf-8", "replace")


def _made_of(proposal: Proposal) -> tuple[set[str], set[str]]:
    """Patterns and syntax trees of all its messages."""
    names: set[str] = set()
    trees: set[str] = set()
    for message in proposal.messages:
        if message.role == "assistant" and (code := _code(message)):
            found, tree = patterns(code)
            names |= found
            trees.add(tree)
    if not trees:
        names.add(DIRECT)
        trees.add(hashlib.sha256(proposal.messages[-1].content.encode("utf-8", "replace")).hexdigest()[:16])
    return names, trees


def _code(message: Message) -> str:
    found = parse(message.content)
    return found.code or "" if found.decision is Decision.TOOL else ""
