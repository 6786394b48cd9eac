"""After a thumbs-down: reasons, and candidates for something better, shown like any turn, taken or dropped."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from codemode_tui.chat import events as ev
from codemode_tui.chat.correction import How
from codemode_tui.errors import CodemodeError
from codemode_tui.front.corrections import (
    CORRECT,
    FORCED,
    PICKS,
    STRIP,
    TITLES,
    Draft,
    candidates,
    cannot,
    drafts,
    likeliest,
    of_candidate,
    offered,
    placed,
    rated,
    rating_in_words,
    reason_body,
    recorded,
    with_reason,
)
from codemode_tui.front.questions import Choice
from codemode_tui.repl.asking import Asking
from codemode_tui.repl.console import Panel
from codemode_tui.repl.lines import Line
from codemode_tui.repl.look import Look
from codemode_tui.repl.scribe import Paper, Scribe

if TYPE_CHECKING:
    from codemode_tui.repl.repl import Repl

_SAID = {one.action for one in STRIP} - {"undo", "later"}
_BEGIN = ev.Likelihood | ev.RawDelta | ev.TextDelta | ev.CodeDelta


class Correcting:
    """One turn is spoken about at a time."""

    def __init__(self, repl: Repl) -> None:
        self.repl = repl
        self._speaking: asyncio.Task[None] | None = None

    def speak_of(self, turn: Scribe, choice: str = "") -> None:
        """Offer the line of choices; ``choice``: one of them, taken at once."""
        self.begin(self._speak(turn, choice))

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Something that asks, and that is left with ctrl+c; what was asked before is no longer."""
        self.leave()
        self._speaking = self.repl.spawn(work)

    def leave(self) -> bool:
        """Say no more. False when nothing was said."""
        task, self._speaking = self._speaking, None
        if task is None or task.done() or task is asyncio.current_task():
            return False
        task.cancel()
        return True

    async def over(self) -> None:
        """Wait until no more is said."""
        if self._speaking is not None:
            await asyncio.wait([self._speaking])

    def correct(self, turn: Scribe | None, how: str) -> None:
        """``/correct``."""
        if turn is None:
            self.repl.say("there is no turn to correct yet", "warning")
        elif how and how not in CORRECT:
            self.repl.say(f"/correct {', '.join(CORRECT)}", "warning")
        elif how and (why := _cannot(CORRECT[how], turn)):
            self.repl.say(why, "warning")
        else:
            self.speak_of(turn, CORRECT.get(how, ""))

    # -- the choices -------------------------------------------------------------------------------

    async def _speak(self, turn: Scribe, choice: str) -> None:
        repl = self.repl
        if turn.standing.rating >= 0:
            if (now := await rated(repl.chat, turn.turn, -1, repl.say)) is None:
                return
            turn.standing = now
        undone = await self.ask_about(turn, STRIP, "strip.later", choice) == "undo"
        # Of this turn, whichever is the newest by now.
        if undone and (now := await rated(repl.chat, turn.turn, 0, repl.say)) is not None:
            before, turn.standing = turn.standing, now
            repl.say(rating_in_words("thumbs-down", before, now, ""))
        repl.console.refresh()

    async def ask_about(self, turn: Scribe, choices: tuple[Choice, ...], safe: str, choice: str = "") -> str | None:
        """Ask what was wrong with a turn that was rated down, and do what is chosen, until no more is to be said.

        Args:
            choices: ``STRIP``, or most of it and others; ``safe``: as of a panel.
            choice: one of them, taken at once.

        Returns:
            The choice that ended it: one that is not about what was wrong, or None.
        """
        repl, before = self.repl, turn.standing
        action: str | None = None
        while True:
            chosen = frozenset(turn.standing.reasons)
            panel = Panel("what was wrong?", choices, safe, chosen=chosen, casual=True, guarded=False)
            action = choice or await repl.console.ask(panel)
            choice = ""
            if action not in _SAID or await self._take(turn, action):
                break
        if turn.standing not in (before, self._told) and action != "undo":
            repl.console.print(repl.look.standing(turn.standing))
        return action

    _told: object = None
    """A standing that has been printed already."""

    async def _take(self, turn: Scribe, action: str) -> bool:
        """Do what was chosen. True when nothing more is to be said."""
        repl = self.repl
        match action:
            case "should_run" | "should_answer":
                if why := _cannot(action, turn):
                    repl.say(why, "warning")
                    return False
                if not await self._reason(turn, action):
                    return False
                return await self._correct(turn, FORCED[action])
            case "retry":
                return await self._correct(turn, "retry")
            case "edit":
                return await self._edit(turn, drafts(turn.said))
            case "comment":
                text = await repl.console.write("what was wrong, in your words", turn.standing.comment)
                if text is not None and await recorded(
                    repl.chat.add_feedback(turn.turn, "comment", {"text": text.strip()}), repl.say
                ):
                    turn.standing = replace(turn.standing, comment=text.strip())
            case _:
                await self._reason(turn, action)
        return False

    async def _reason(self, turn: Scribe, code: str) -> bool:
        repl = self.repl
        reasons = with_reason(turn.standing.reasons, code)
        if reasons != turn.standing.reasons:
            if not await recorded(repl.chat.add_feedback(turn.turn, "reason", reason_body(reasons)), repl.say):
                return False
            turn.standing = replace(turn.standing, reasons=reasons)
        return True

    async def _edit(self, turn: Scribe, found: list[Draft]) -> bool:
        """Let a person write what is most likely meant."""
        repl = self.repl
        if repl.running:
            return self._busy()
        if not found:
            repl.say("the model said nothing that could be changed", "warning")
            return False
        at = likeliest(found, turn.standing.reasons)
        if len(found) > 1 and not turn.standing.reasons:
            picked = await repl.pick("write which?", [(str(n), one.name, "") for n, one in enumerate(found)])
            if picked is None:
                return False
            at = int(picked)
        draft = found[at]
        text = await repl.console.write(f"write the {draft.name}", draft.text, draft.kind)
        if text is None:
            return False
        if text == draft.text:
            repl.say("nothing has been changed yet", "warning")
            return False
        return await self._correct(turn, "edit", placed(draft._replace(text=text), turn.standing))

    def _busy(self) -> bool:
        self.repl.say("noted; it can be corrected once the turn is over", "warning")
        return False

    # -- candidates --------------------------------------------------------------------------------

    async def _correct(self, turn: Scribe, how: How, draft: Draft | None = None) -> bool:
        """Make candidates until one is taken, or nobody wants any. True: nothing more is to be said."""
        repl, next_ = self.repl, (how, draft)
        while True:
            if repl.running:
                return self._busy()
            how, draft = next_
            trials = Trials(repl.console, repl.look, how)
            repl.console.print([repl.look.rule(TITLES[how], "secondary")])
            await repl.follow(candidates(repl.chat, turn.turn, how, draft), trials, Asking(repl))
            trials.finish()
            ready = trials.ready
            action: str | None = "accept"
            if not (draft is not None and draft.kind == "answer" and ready):  # whoever wrote an answer means it
                title = "is this what it should have been?" if ready else "nothing came of it"
                action = await repl.console.ask(Panel(title, offered(ready), "candidate.drop", casual=True))
            match action:
                case None:
                    return True
                case "drop":
                    return False
                case "again":
                    next_ = ("retry" if how == "edit" else how, None)
                case "edit":
                    found = [of_candidate(ready[0])] if ready else [draft] if draft else drafts(turn.said)
                    return await self._edit(turn, found)
                case pick:
                    chosen = await self._accept(turn, ready, PICKS[pick])
                    if chosen is None or chosen.code is None or not chosen.verified:
                        return True
                    next_ = ("continue", None)  # what would it have said after that run?

    async def _accept(self, turn: Scribe, ready: Sequence[ev.CandidateReady], at: int) -> ev.CandidateReady | None:
        repl = self.repl
        try:
            turn.standing = await repl.chat.accept(turn.turn, ready[at].generation)
        except CodemodeError as error:
            repl.say(f"not accepted: {error.line()}", "error")
            return None
        self._told = turn.standing
        repl.console.print([[], *repl.look.standing(turn.standing), []])
        return ready[at]


def _cannot(action: str, turn: Scribe) -> str:
    return cannot(action, {one.decision for one in turn.said.values() if one.decision is not None})


class Trials:
    """The candidates of one correction. Of several tries each is shown once it can be taken, or is asked about."""

    def __init__(self, paper: Paper, look: Look, how: How) -> None:
        self.paper, self.look, self.how = paper, look, how
        self.ready: list[ev.CandidateReady] = []
        self._held: Held | None = None
        self._scribe: Scribe | None = None
        self._whole = False
        self._tries = 0

    def apply(self, event: ev.Event) -> None:
        match event:
            case ev.Waiting():
                pass  # the bottom line shows it
            case ev.CandidateReady():
                self.ready.append(event)
                if self._held is not None:
                    self._held.let_go()
                self._end_try()
                if self.how == "retry":
                    self.paper.print(self.look.note(f"that was number {len(self.ready)}", "secondary"))
            case ev.CorrectionFailed():
                self.fail("nothing" if event.kind == "error" else event.kind, event.message, event.hint)
            case _:
                self._current(event).apply(event)
                if isinstance(event, ev.ApprovalWanted | ev.RunStarted) and self._held is not None:
                    self._held.let_go()  # nobody agrees to what was not shown

    def fail(self, kind: str, message: str, hint: str) -> None:
        self._end_try()
        self.paper.print(self.look.failure(kind, message, hint))

    def finish(self) -> None:
        dropped = self._tries - len(self.ready)
        if dropped > 0 and self.ready:
            self.paper.print(self.look.note(f"{dropped} of {self._tries} failed, or said the same"))

    def _current(self, event: ev.Event) -> Scribe:
        """Of the try that ``event`` belongs to."""
        if self._scribe is None or (self._whole and isinstance(event, _BEGIN)):
            self._tries += 1
            self._held = Held(self.paper) if self.how == "retry" else None
            force = self.how if self.how in ("tool", "direct") else None
            self._scribe, self._whole = Scribe(self._held or self.paper, self.look, force=force), False
        self._whole = self._whole or isinstance(event, ev.StepParsed)
        return self._scribe

    def _end_try(self) -> None:
        if self._scribe is not None:
            self._scribe.cut_off()
        self._scribe = self._held = None


class Held:
    """Paper that is not printed before it is let go."""

    def __init__(self, paper: Paper) -> None:
        self._paper = paper
        self._lines: list[Line] | None = []

    def print(self, lines: Sequence[Line]) -> None:
        if self._lines is None:
            self._paper.print(lines)
        else:
            self._lines += lines

    def live(self, lines: Sequence[Line]) -> None:
        self._paper.live(lines if self._lines is None else ())

    def let_go(self) -> None:
        lines, self._lines = self._lines, None
        self._paper.print(lines or ())
