"""Second questions that lean on the first: which kinds the last program and its output lend themselves to."""

from __future__ import annotations

import re

from codemode_tui.bundled.recipe.example import Chat, code_of
from codemode_tui.bundled.recipe.file_follow_ups import about_file
from codemode_tui.bundled.recipe.format_follow_ups import about_format, same_column
from codemode_tui.bundled.recipe.list_follow_ups import about_listed
from codemode_tui.bundled.recipe.number_follow_ups import about_number, is_number
from codemode_tui.bundled.recipe.same_again import same_again

_STRING = re.compile(r'"([^"\n]+)"|\'([^\'\n]+)\'')
_GLOBBED = re.compile(r'for path in glob_files\("([^"\n]+)"\):\n    print\(path\)')
_FORMAT_SHARE = 0.5
"""Of files that allow questions of their own, how often those are asked."""
_SAME_SHARE = 0.25
"""Of what can be asked of another name, how often it is."""


def follow(c: Chat) -> bool:
    """Add a follow-up question; False when the conversation does not lend itself to one."""
    code, out = _last_run(c)
    if not code or "Error on line " in out:
        return False
    r = c.r
    if r.random() < _SAME_SHARE and same_again(c, code):
        return True
    if r.random() < 0.3 and same_column(c, code):
        return True
    named = {text for pair in _STRING.findall(code) for text in pair if text in c.world.files}
    shown = out.splitlines()
    if len(named) == 1 and not (is_number(out) and r.random() < 0.2):
        _about(c, named.pop())
        return True
    if is_number(out):
        about_number(c, out)
        return True
    if named or not all(line in c.world.files for line in shown):
        return _of_one_found(c, out) if not named else False
    if len(shown) == 1:
        _about(c, shown[0])
        return True
    globbed = _GLOBBED.fullmatch(code)
    about_listed(c, shown, globbed[1] if globbed else "")
    return True


def _of_one_found(c: Chat, out: str) -> bool:
    """The output names one file and says something of it, such as its size."""
    name = out.partition(":")[0] if re.match(r"[^\n]+:\d+: ", out) else out.rpartition(" ")[0]
    if "\n" in out or name not in c.world.files:
        return False
    _about(c, name)
    return True


def _about(c: Chat, f: str) -> None:
    if c.r.random() > _FORMAT_SHARE or not about_format(c, f):
        about_file(c, f)


def _last_run(c: Chat) -> tuple[str, str]:
    """The program and the output of the last question, if it had any: ("", "") after talk."""
    for role, text in reversed(c.turns[:-1]):
        if role == "user":
            break
        if role == "tool":
            output = text
        elif code := code_of(text):
            return code, output
    return "", ""
