"""The scripts themselves, one function for each shell. Ids of sessions are asked for when they are wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from codemode_tui.cli.completion_tree import Node, Value, walk

_IDS = "codemode sessions list --limit 50 2>/dev/null"


def bash(root: Node) -> str:
    """Sourced by ~/.bashrc. Needs no package ``bash-completion`` and works in the bash 3.2 of macOS."""
    nodes = [node for node in walk(root) if node.path]
    paths = "|".join(_sh(" " + " ".join(node.path)) for node in nodes)
    valued = "|".join(_pattern(node, flag) for node, flag, _ in _valued(root))
    lines = [
        "# codemode, for bash",
        "_codemode() {",
        "  local word path='' seen=0 i cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words='' kind=''",
        "  [[ $cur == '=' ]] && cur=''",  # bash makes three words of --option=value, the sign among them
        "  [[ $prev == '=' ]] && prev=${COMP_WORDS[COMP_CWORD-2]}",
        "  for ((i = 1; i < COMP_CWORD; i++)); do",
        "    [[ ${COMP_WORDS[i]} == '=' || ${COMP_WORDS[i-1]} == '=' ]] && continue",
        f'    case "$path ${{COMP_WORDS[i-1]}}" in {valued}) continue ;; esac',  # an option's value is no positional
        f'    case "$path ${{COMP_WORDS[i]}}" in {paths}) path="$path ${{COMP_WORDS[i]}}"; seen=0 ;;',
        "      *) [[ ${COMP_WORDS[i]} == -* ]] || seen=$((seen + 1)) ;; esac",
        "  done",
        '  case "$path $prev" in',
        *(f"    {_pattern(node, flag)}) {_bash_value(value)} ;;" for node, flag, value in _valued(root)),
        "    *)",
        '      case "$path" in',
        *(f"        {_sh(''.join(f' {word}' for word in node.path))}) {_bash_node(node)} ;;" for node in walk(root)),
        "      esac ;;",
        "  esac",
        "  COMPREPLY=()",
        "  case $kind in",
        "    file|folder)",  # a line for each, as names may hold spaces
        '      while IFS= read -r word; do COMPREPLY+=("$word"); done \\',
        '        < <(compgen -A ${kind/folder/directory} -- "$cur") ;;',
        f"    session) words=\"$words $({_IDS} | cut -d' ' -f1)\" ;;",
        "    *) compopt +o filenames 2>/dev/null ;;",  # else a command that is also a folder here gets a slash
        "  esac",
        '  COMPREPLY+=($(compgen -W "$words" -- "$cur"))',
        "}",
        "complete -o filenames -F _codemode codemode",
    ]
    return "\n".join(lines) + "\n"


def _bash_node(node: Node) -> str:
    flags = " ".join(flag for option in node.options for flag in option.flags)
    names = " ".join(one.path[-1] for one in node.below)
    parts = [f"words={_sh(names)}"] if names else []
    if node.values:
        last = node.values[-1]
        parts += [
            f"[[ $seen -eq {place} ]] && {{ {_bash_value(value)}; }}" for place, value in enumerate(node.values[:-1])
        ]
        after = "-ge" if node.many else "-eq"
        parts.append(f"[[ $seen {after} {len(node.values) - 1} ]] && {{ {_bash_value(last)}; }}")
    parts.append(f"[[ $cur == -* ]] && {{ words={_sh(flags)}; kind=; }}")
    return "; ".join(parts)


def _bash_value(value: Value) -> str:
    return f"words={_sh(' '.join(value.words))}; kind={value.source}"


def zsh(root: Node) -> str:
    """A ``#compdef`` function, which also works when it is sourced."""
    # Two underscores: with one it could be the name of a command's function.
    lines = ["#compdef codemode", "# codemode, for zsh", "__codemode_ids() {", "  local -a found"]
    lines += [f"  found=(\"${{(@f)$({_IDS} | sed 's/:/ /g; s/  */:/')}}\")", "  _describe session found", "}"]
    lines += ['__codemode_or_folder() { compadd -- "$@"; _files -/; }']
    for node in reversed(list(walk(root))):
        lines += [f"{_function(node)}() {{", "  local line state", "  local -a below"]
        specs = [
            spec
            for option in node.options
            for spec in _zsh_option(option.flags, option.about, option.value, option.repeated)
        ]
        if node.below:
            specs += ["'1: :->command'", "'*:: :->rest'"]
        else:
            specs += [_zsh_positional(node, place, value) for place, value in enumerate(node.values)]
        lines += ["  _arguments -C \\", *(f"    {spec} \\" for spec in specs), "    && return", "  case $state in"]
        if node.below:
            below = " ".join(_sh(f"{one.path[-1]}:{_colons(one.about)}") for one in node.below)
            lines += [f"    command) below=({below}); _describe command below ;;", "    rest) case $line[1] in"]
            lines += [f"      {one.path[-1]}) {_function(one)} ;;" for one in node.below]
            lines.append("      esac ;;")
        lines += ["  esac", "}"]
    lines += ['if [ "$funcstack[1]" = "_codemode" ]; then _codemode "$@"; else compdef _codemode codemode; fi']
    return "\n".join(lines) + "\n"


def _zsh_option(flags: tuple[str, ...], about: str, value: Value | None, repeated: bool) -> Iterator[str]:
    about = _colons(about).replace("[", "(").replace("]", ")")
    for flag in flags:
        tail = f":{_colons(value.name)}:{_zsh_action(value)}" if value else ""
        yield _sh(f"{'*' if repeated else ''}{flag}[{about}]{tail}")


def _zsh_positional(node: Node, place: int, value: Value) -> str:
    number = "*" if node.many and place == len(node.values) - 1 else str(place + 1)
    return _sh(f"{number}:{_colons(value.name)}:{_zsh_action(value)}")


def _zsh_action(value: Value) -> str:
    if value.source == "session":
        return "__codemode_ids"
    words = " ".join(value.words)
    if value.source == "folder" and words:
        return f" __codemode_or_folder {words}"  # behind a blank, or zsh puts options of compadd before the words
    return {"file": "_files", "folder": "_files -/"}.get(value.source) or (f"({words})" if words else " ")


def fish(root: Node) -> str:
    """For ~/.config/fish/completions/codemode.fish."""
    valued = " ".join(dict.fromkeys(flag for _, flag, _ in _valued(root)))
    lines = [
        "# codemode, for fish",
        "function __codemode_words --description 'what has been typed, without options and their values'",
        "    set -l before",
        "    for word in (commandline -opc)[2..]",
        f"        contains -- \"$before\" {valued}; or string match -v -- '-*' $word",
        "        set before $word",
        "    end",
        "end",
        "function __codemode_at --description 'whether this command and action have been typed'",
        "    set -l words (__codemode_words)",
        '    string match -q -- "$argv *" "$words "',
        "end",
        "function __codemode_exactly",
        "    set -l words (__codemode_words)",
        '    test "$words" = "$argv"',
        "end",
        "function __codemode_sessions",
        f"    {_IDS} | string replace -r '^(\\S+)\\s+' '$1\\t'",
        "end",
        "complete -c codemode -f",
    ]
    for node in walk(root):
        path = " ".join(node.path)
        here = f"__codemode_{'at' if path else 'exactly'} {path}".strip()
        for one in node.below:
            exactly = _sh(f"__codemode_exactly {path}".strip())
            lines.append(f"complete -c codemode -n {exactly} -a {one.path[-1]} -d {_sh(one.about)}")
        for option in node.options:
            names = " ".join(f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}" for flag in option.flags)
            value = (
                f" -{'r' if option.value.source == 'file' else 'x'}{_fish_value(option.value)}" if option.value else ""
            )
            lines.append(f"complete -c codemode -n {_sh(here)} {names}{value} -d {_sh(option.about)}")
        lines += [
            f"complete -c codemode -n {_sh(here)}{given}"
            for given in dict.fromkeys(map(_fish_value, node.values))
            if given
        ]
    return "\n".join(lines) + "\n"


def _fish_value(value: Value) -> str:
    words = " ".join(value.words)
    source = {"session": "(__codemode_sessions)", "folder": "(__fish_complete_directories)"}.get(value.source, "")
    given = " ".join(filter(None, (words, source)))
    return (f" -a {_sh(given)}" if given else "") + (" -F" if value.source == "file" else "")


SCRIPTS: dict[str, Callable[[Node], str]] = {"bash": bash, "zsh": zsh, "fish": fish}


def _valued(root: Node) -> Iterator[tuple[Node, str, Value]]:
    for node in walk(root):
        for option in node.options:
            for flag in option.flags if option.value else ():
                assert option.value is not None
                yield node, flag, option.value


def _pattern(node: Node, flag: str) -> str:
    return _sh(f"{''.join(f' {word}' for word in node.path)} {flag}")


def _function(node: Node) -> str:
    return "_".join(("_codemode", *(word.replace("-", "_") for word in node.path)))


def _colons(text: str) -> str:
    return text.replace(":", "\\:")


def _sh(text: str) -> str:
    """One word for any of the shells; fish knows ``\\'`` inside quotes where the others close and open them."""
    return "'" + text.replace("'", "’") + "'"
