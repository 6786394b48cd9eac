"""Files are listed, and then one of them is asked about by its place: "and the second one?"."""

from __future__ import annotations

from collections.abc import Callable

from codemode_tui.bundled.recipe import file_finding, folder_listing, folder_search
from codemode_tui.bundled.recipe.example import Chat
from codemode_tui.bundled.recipe.list_follow_ups import about_listed
from codemode_tui.bundled.recipe.world import World

_LISTS: tuple[tuple[Callable[[Chat], None], int], ...] = (
    (file_finding.by_extension, 8),
    (file_finding.by_name, 2),
    (file_finding.name_part, 2),
    (folder_search.files_with, 2),
    (folder_listing.listing, 2),
)
_MOST = 6
"""Files of a list that is asked about: people count no further."""
_TRIES = 20


def listed(c: Chat) -> None:
    """A list of two to six files, then one or two questions about single ones."""
    r = c.r
    tasks, weights = zip(*_LISTS, strict=True)
    for _ in range(_TRIES if not c.turns else 1):  # most lists are too short or too long
        made = Chat(r, c.world if c.turns else World(r), c.held)
        r.choices(tasks, weights)[0](made)
        found = _shown(made)
        if found:
            break
    c.world = made.world
    c.turns += made.turns
    c.worlds += made.worlds
    for _ in range(r.choice((1, 1, 1, 2)) if found else 0):
        about_listed(c, found, "")


def _shown(c: Chat) -> list[str]:
    """The files that the last output lists; none of a list that is too short or too long, or of other things."""
    role, out = c.turns[-2]
    found = out.splitlines() if role == "tool" else []
    return found if 2 <= len(found) <= _MOST and all(name in c.world.files for name in found) else []
