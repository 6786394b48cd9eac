"""What is nobody's business is replaced: credentials, people, machines. Named shapes only, whole matches only."""

from __future__ import annotations

import builtins
import ipaddress
import keyword
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from codemode_tui.corpus.secrets import SHAPES, kinds

Becomes = Callable[[re.Match[str], Callable[[str, str], str]], str]
"""What a match becomes. Given ``(kind, value)``, the second argument says the placeholder of a value."""
ROUNDS = 3
"""Where one shape is taken out, another may come to light that touched it."""


class Hit(NamedTuple):
    """One place that was redacted."""

    rule: str
    found: str
    becomes: str


class Rule(NamedTuple):
    name: str
    hint: str
    """Text that every match holds; looked for first, as it is many times cheaper."""
    pattern: re.Pattern[str]
    becomes: Becomes


class Person(NamedTuple):
    """Whose names are redacted; empty ones are left alone."""

    home: str = ""
    user: str = ""
    host: str = ""


class Redactor:
    """Redacts the texts of one row alike: the same value has the same placeholder in all of them."""

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self.hits: list[Hit] = []
        self._rules = rules
        self._values: dict[tuple[str, str], str] = {}
        self._numbers: dict[str, int] = {}

    def __call__(self, text: str) -> str:
        for _ in range(ROUNDS):
            before = text
            for rule in self._rules:
                if rule.hint in text:
                    text = rule.pattern.sub(partial(self._replace, rule), text)
            if text == before:
                break
        return text

    def _replace(self, rule: Rule, match: re.Match[str]) -> str:
        becomes = rule.becomes(match, self._placeholder)
        if becomes != match.group():
            self.hits.append(Hit(rule.name, match.group(), becomes))
        return becomes

    def _placeholder(self, kind: str, value: str) -> str:
        """``<KIND:n>``: numbers in the order in which values are met, so that they are the same in every export."""
        if (kind, value) not in self._values:
            self._numbers[kind] = self._numbers.get(kind, 0) + 1
            self._values[kind, value] = f"<{kind}:{self._numbers[kind]}>"
        return self._values[kind, value]


def rules(person: Person) -> tuple[Rule, ...]:
    """All rules, in the order in which they are applied: the wider shape before the one inside it."""
    return (*_shapes(), *_homes(person.home), _EMAIL, *_ADDRESSES, *_names(person))


def left_over(text: str) -> list[str]:
    """Names of the credentials that are still there."""
    return kinds(text)


def _secret(kind: str) -> Becomes:
    slug = kind.lower().replace(" ", "-")

    def becomes(match: re.Match[str], placeholder: Callable[[str, str], str]) -> str:
        return placeholder(f"SECRET:{slug}", match.group())

    return becomes


def _password(match: re.Match[str], placeholder: Callable[[str, str], str]) -> str:
    """Scheme, user and host stay: they say what the line is about."""
    scheme, _, rest = match.group().partition("://")
    user, _, rest = rest.partition(":")
    password, _, host = rest.rpartition("@")
    return f"{scheme}://{user}:{placeholder('SECRET:password', password)}@{host}"


def _value(match: re.Match[str], placeholder: Callable[[str, str], str]) -> str:
    """Only the group ``value`` is secret."""
    begin, end = match.start("value") - match.start(), match.end("value") - match.start()
    return match.group()[:begin] + placeholder("SECRET:credential", match["value"]) + match.group()[end:]


def _shapes() -> Iterator[Rule]:
    for shape in SHAPES:
        pattern, becomes = shape.pattern, _secret(shape.name)
        if shape.name == "private key":  # the header is what is looked for, the key behind it is what must go
            pattern = re.compile(pattern.pattern + r"[^\0]{0,20000}?-----END [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
        elif shape.name == "password in an address":
            becomes = _password
        elif "value" in pattern.groupindex:  # what stands around it says what it is
            becomes = _value
        yield Rule(shape.name, shape.hint, pattern, becomes)


def _homes(home: str) -> tuple[Rule, ...]:
    """Home folders: this user's own, and what looks like one."""
    own = [rf"{re.escape(home)}(?![\w.-])"] if len(home) > 1 else []
    # Seen from WSL, on Fedora's image-based systems, exported by a server, and by macOS's own full name.
    above = r"(?:/mnt/[a-z]|/var|/export|/System/Volumes/Data)?"
    shapes = [*own, above + r"/(?:home|Users)/(?!Shared\b|runner\b)[\w.-]+(?![\w.-])"]
    # Behind the escape of a line's end, a scheme, an option that takes a folder or the minus of a diff, too.
    before = r"(?<![\w.~/-])|(?<=\\[nrt])|(?<=file://)|(?<=[\s\"']-[ILC])|(?<=^-)|(?<=\\n-)"
    unix = re.compile(rf"(?:{before})(?:{'|'.join(shapes)})", re.MULTILINE)
    # There a name is "First Last": blanks are its own where the path goes on behind them.
    drive, name = (
        rf"(?:(?<!\w)[A-Za-z]:|(?:{before})/mnt/[a-z])",
        r"[\w.-]+(?:[ '][\w.-]+){0,3}(?=\1)|[\w.-]+(?![\w.-])",
    )
    windows = re.compile(rf"{drive}(\\{{1,2}}|/)[Uu]sers\1(?!Public\b)(?:{name})", re.MULTILINE)
    return (
        Rule("home folder", "sers", windows, lambda match, _: "~"),
        Rule("home folder", "/", unix, lambda match, _: "~"),
    )


def _email(match: re.Match[str], placeholder: Callable[[str, str], str]) -> str:
    """``git@host`` is no person, ``x@w.sum(…)`` no address; documentation's own domains name nobody. What stands for a
    password in an address (``scheme://user:…``) is no name."""
    user, _, domain = match.group().lower().partition("@")
    if _BEFORE_PASSWORD.search(match.string, max(0, match.start() - 120), match.start()):
        return match.group()
    harmless = user in ("git", "noreply") or re.search(r"(?:^|\.)(?:example(?:\.\w+)?|test|invalid|localhost)$", domain)
    return match.group() if harmless else placeholder("EMAIL", match.group().lower())


_BEFORE_PASSWORD = re.compile(r"://[^\s/:@]*:\Z")
_EMAIL = Rule(
    "e-mail address", "@",
    re.compile(
        # The letter of an escape in code is not the name's; neither is the sign of a diff. Behind a colon a single
        # letter is a variable.
        r"(?:(?<![\w.+/:\\-])|(?<=:)(?=[\w.+-]{2})|(?<=mailto:)|(?<=mail:)"
        r"|(?<=\\[nrt])|(?<=\\)(?![nrt])|(?<=^[+-])|(?<=\\n[+-]))"
        r"[^\W_](?:[\w.+-]{0,62}\w)?@(?:(?:[^\W_]|-){1,63}\.){1,6}[^\W\d_]{2,24}(?![\w(-])",
        re.MULTILINE,
    ),
    _email,
)  # fmt: skip


def _ip(match: re.Match[str], placeholder: Callable[[str, str], str]) -> str:
    """Loopback, masks and documentation's own networks name no machine; ``x[2001::2]`` is a slice."""
    try:
        found = ipaddress.ip_address(match.group())
    except ValueError:
        return match.group()
    if found.version == 4:
        harmless = match.group().startswith(("0.", "127.", "255.", "192.0.2.", "198.51.100.", "203.0.113."))
    else:
        groups = [group for group in match.group().split(":") if group]
        harmless = match.group().lower().startswith("2001:db8:") or (match.group()[0] in "23" and len(groups) < 3)
    return match.group() if harmless else placeholder("IP", found.compressed)


_IP4 = r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d)"
# A slice (`x[1::2]`) or a time is no address: the first group of a real one is one of these.
_IP6 = r"(?i)(?<![\w:.])(?:[23][0-9a-f]{3}|f[cd][0-9a-f]{2}|fe[89ab][0-9a-f])(?::[0-9a-f]{0,4}){2,7}(?![\w:])"
_ADDRESSES = (Rule("IP address", ".", re.compile(_IP4), _ip), Rule("IP address", ":", re.compile(_IP6), _ip))

_WORDS = (
    "root", "user", "users", "admin", "administrator", "runner", "ubuntu", "debian", "fedora", "centos", "pi",
    "test", "guest", "nobody", "docker", "build", "builder", "ci", "jenkins", "node", "app", "web", "www",
    "data", "home", "me", "dev", "developer", "localhost", "host", "computer", "laptop", "desktop", "server",
    "mac", "macbook", "linux", "windows", "local", "secret", "email", "will", "mark", "bill", "may", "art",
    "rose", "grace", "hope", "faith", "joy", "rob", "sue", "pat", "drew", "chase", "grant", "miles", "ray",
    "guy",
)  # fmt: skip
_NOBODY = frozenset((*_WORDS, *keyword.kwlist, *dir(builtins)))
"""Names of users and machines that are words of other use: replacing them would only damage texts."""


def _names(person: Person) -> Iterator[Rule]:
    for kind, name in (("USER", person.user), ("HOST", person.host), ("HOST", person.host.partition(".")[0])):
        if len(name) >= 3 and name.lower() not in _NOBODY:
            pattern = re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])", re.IGNORECASE)
            yield Rule(f"{kind.lower()} name", "", pattern, partial(_name, kind))


def _name(kind: str, match: re.Match[str], _: Callable[[str, str], str]) -> str:
    return f"<{kind}>"
