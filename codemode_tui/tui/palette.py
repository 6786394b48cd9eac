"""The command palette: the same table, found by typing."""

from __future__ import annotations

from functools import partial
from typing import Any

from textual.command import CommandList, CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.worker import Worker

from codemode_tui.commands import COMMANDS, Command
from codemode_tui.front.keys import keys_of


class Palette(CommandPalette):
    """Textual's own, whose list cannot page before it has been laid out (a KeyError in Textual 8.2)."""

    def run_worker(self, *args: Any, **more: Any) -> Worker[Any]:  # noqa: ANN401 - as Textual's
        """Its search may begin when it has just been closed, and finds no list: no reason to end the program."""
        return super().run_worker(*args, **{**more, "exit_on_error": False})

    def _action_command_list(self, action: str) -> None:
        if self.query_one(CommandList)._index_to_line:
            super()._action_command_list(action)


class CommandProvider(Provider):
    """Every command that can be given without a word more, and every theme."""

    async def discover(self) -> Hits:
        for name, help_, run in self._entries():
            yield DiscoveryHit(name, run, help=help_)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for name, help_, run in self._entries():
            if score := matcher.match(name):
                yield Hit(score, matcher.highlight(name), run, help=help_)

    def _entries(self) -> list[tuple[str, str, partial[None]]]:
        from codemode_tui.tui.app import CodemodeApp

        app = self.app
        assert isinstance(app, CodemodeApp)
        entries = [
            (c.summary, _ways(c, app.keys), partial(app.begin, c))
            for c in COMMANDS
            if c.where in ("app", "chat", "scroll")
            and c.id not in ("palette", "interrupt")
            and (not c.argument or "[" in c.argument)
        ]
        entries += [(f"theme: {name}", "colours", partial(app.use_theme, name)) for name in sorted(app.themes)]
        return entries


def _ways(command: Command, keymap: dict[str, str]) -> str:
    return "   ".join(way for way in (f"/{command.slash}" if command.slash else "", keys_of(command, keymap)) if way)
