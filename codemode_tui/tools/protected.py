"""Names inside a workspace that stay closed: secrets, and files that make other programs run code.

The verdict is on names alone, in a folded form: a case-insensitive, normalising file system (APFS)
opens ``.ENV`` and decomposed spellings as the same file, so all spellings get one verdict.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from enum import Enum
from fnmatch import translate
from itertools import pairwise


class Guard(Enum):
    """What a name asks for before it is written."""

    OPEN = "open"
    ASK = "ask"
    """Allowed only by a person's own yes: it changes what tests, tools or agents do."""
    DENY = "deny"


def is_secret(parts: Sequence[str], *, above: str = "") -> bool:
    """True for a path that may neither be read nor written.

    ``above`` is the folder that holds the first of its components: a name that is secret only in a certain folder is
    so too where that folder is the workspace itself.
    """
    names = [_COPY.sub("", fold(part)) for part in parts]
    if any(name in _SECRET_DIRS for name in names):
        return True
    if any(pair in _SECRET_PAIRS for pair in pairwise((fold(above), *names))):
        return True
    # Every component, not the last alone: `id_rsa.d/key` or a folder `.env/` hold the same thing.
    return any(_secret_name(name) for name in names)


def write_guard(parts: Sequence[str], *, above: str = "", folder: bool = False) -> Guard:
    """How a write to this path (components below the folder ``above``) is treated; ``folder``: it is one."""
    names = [fold(part) for part in parts]
    if names[-1:] == [_BARE] and not folder:
        return Guard.DENY
    if is_secret(parts, above=above) or any(name in _DENY_DIRS or name in _DENY_FILES for name in names):
        return Guard.DENY
    if any(pair in _DENY_PAIRS for pair in pairwise((fold(above), *names))):
        return Guard.DENY
    if any(_DENY.match(name) for name in names):
        return Guard.DENY
    if any(name in _ASK_NAMES for name in names):
        return Guard.ASK
    return Guard.OPEN


def runs_code(folder: Sequence[str]) -> bool:
    """True for a folder (components of its real path) of files that make other programs run code. Names that are closed
    as those of files (``crontab``) make a folder none."""
    names = [fold(part) for part in folder]
    return any(name in _DENY_DIRS for name in names) or any(pair in _DENY_PAIRS for pair in pairwise(names))


def in_repository(folder: Sequence[str]) -> bool:
    """True for a folder (components of its real path) within what git keeps: every file there may be a hook."""
    return any(fold(part) == ".git" for part in folder)


def fold(name: str) -> str:
    """One spelling for all spellings that some file system treats as the same name."""
    if name.isascii():  # nearly all names; searching folds every one of them
        return name.rstrip(" .").lower() or name
    text = unicodedata.normalize("NFKC", name)
    # HFS+ ignores zero-width characters in names; NTFS and SMB drop trailing dots and spaces.
    text = "".join(c for c in text if unicodedata.category(c) != "Cf").rstrip(" .") or text
    return unicodedata.normalize("NFKC", text.casefold())


def _secret_name(name: str) -> bool:
    return name not in _NOT_SECRET and _SECRET.match(name) is not None


def _any_of(*globs: str) -> re.Pattern[str]:
    return re.compile("|".join(map(translate, globs)))


_SECRET_DIRS = frozenset((".ssh", ".gnupg", ".aws", ".azure", ".kube", ".password-store", ".docker"))
_SECRET_PAIRS = frozenset(((".config", "gcloud"), (".config", "gh"), (".config", "op"), ("library", "keychains")))
_SECRET_FILES = (
    ".env", ".env.*", ".env-*", ".env_*", "*.env", ".envrc", "*.pem", "*.key", "*.p12", "*.pfx", "*.ppk", "*.jks",
    "*.keystore", "*.kdbx", "id_rsa*", "id_dsa*", "id_ecdsa*", "id_ed25519*", ".netrc", "_netrc", ".pgpass",
    ".my.cnf", ".npmrc", ".pypirc", ".git-credentials", ".htpasswd", ".vault-token", ".terraformrc",
    "*.tfstate",
)  # fmt: skip
_SECRET = _any_of(*_SECRET_FILES)
_NOT_SECRET = frozenset(f".env{mark}{end}" for mark in ".-_" for end in ("example", "sample", "template", "dist"))
_COPIES = ("~", ".bak", ".blocked*")
"""Endings of copies that editors and people make, and of what a command made and ``sandbox.aside`` renamed: a secret
still. What would run as code does not under these names."""
_COPY = re.compile(r"(?:~|\.bak|\.blocked(?:-\d+)?)+\Z")

_DENY_DIRS = frozenset(
    # The whole of .git: hooks and config run programs, and so do config includes and module configs.
    (".git", ".hg", ".svn", ".jj", ".vscode", ".idea", ".zed", ".devcontainer", ".claude", ".cursor",
     ".codex", ".gemini", ".aider", ".continue", ".windsurf", ".emacs.d", ".vim", "launchagents", "launchdaemons",
     ".bashrc.d", ".zshrc.d", ".elvish", ".oh-my-zsh", ".ipython", ".jupyter", ".hammerspoon"),
)  # fmt: skip
_DENY_PAIRS = frozenset(
    (*((".config", name) for name in (
        "alacritty", "autostart", "bash", "codemode", "direnv", "elvish", "emacs", "environment.d", "fish", "gdb",
        "git", "helix", "hypr", "i3", "ipython", "kitty", "nushell", "nvim", "powershell", "readline", "sway",
        "systemd", "tmux", "vim", "wezterm", "xonsh", "yash", "zed", "zellij", "zsh",
    )),
     # Programs and libraries that are found before the system's.
     (".local", "bin"), (".local", "lib")),
)  # fmt: skip
_DENY_FILES = frozenset((
    ".gitmodules", ".gitconfig", ".codemode.toml", ".mcp.json", ".devcontainer.json",
    ".bashrc", ".bash_profile", ".bash_login", ".bash_logout", ".bash_aliases", ".bash_completion", ".profile",
    ".zshrc", ".zshenv", ".zprofile", ".zlogin", ".zlogout", ".kshrc", ".mkshrc", ".cshrc", ".tcshrc", ".login",
    ".logout", ".shrc", ".rcrc", ".yashrc", ".yash_profile", ".xonshrc", "microsoft.powershell_profile.ps1",
    ".xinitrc", ".xprofile", ".xsession", ".xsessionrc", ".pam_environment", ".direnvrc",
    ".inputrc", ".vimrc", ".gvimrc", ".exrc", ".nvimrc", ".nvim.lua", ".emacs", ".dir-locals.el",
    ".dir-locals-2.el", ".tmux.conf", ".screenrc", ".wezterm.lua",
    ".pythonrc", ".pythonstartup", ".pdbrc", ".gdbinit", ".lldbinit", ".curlrc", ".wgetrc", ".ripgreprc",
    ".rprofile", ".ghci", ".irbrc", ".pryrc", ".psqlrc", ".sqliterc",
    "sitecustomize.py", "usercustomize.py",
))  # fmt: skip
_BARE = "head"
"""A file of this name makes its folder a bare repository, which git reads as one (HEAD, objects, refs, config)."""
_DENY_GLOBS = ("*.pth", "*.code-workspace", "crontab", ".*rc.local")
_DENY = _any_of(*_DENY_GLOBS)
_ASK_NAMES = frozenset((
    "conftest.py", ".pre-commit-config.yaml", ".husky", ".github", ".gitlab-ci.yml", ".ci", ".gitattributes",
    "agents.md", "claude.md", "claude.local.md", "gemini.md", ".cursorrules", ".windsurfrules",
    ".cargo", ".yarnrc.yml", "mise.toml", ".mise.toml",
))  # fmt: skip

_SECRET_GLOBS = (*_SECRET_DIRS, *map("/".join, _SECRET_PAIRS), *_SECRET_FILES)
SECRET_NAMES = tuple(sorted(
    (*_SECRET_GLOBS, *(name + end for name in _SECRET_GLOBS if name[-1] != "*" for end in _COPIES))
))  # fmt: skip
SPARED_NAMES = tuple(sorted(_NOT_SECRET))
GIT_NAMES = ("hooks", "config", "config.worktree", "commondir", "worktrees", "info", "modules")
"""In a repository: what can name programs that git runs, or another place for them. The rest git itself must write."""
PROTECTED_NAMES = tuple(sorted((
    *_DENY_DIRS - {".git"}, *_DENY_FILES, *map("/".join, _DENY_PAIRS), *_DENY_GLOBS,
    *(f".git/{name}" for name in GIT_NAMES),
)))  # fmt: skip
"""What ``write_guard`` denies, by globs; of a repository only what can run something."""
