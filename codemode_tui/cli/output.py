"""Results on stdout: exactly one JSON document, or text for people. Diagnostics on stderr, one line each."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from codemode_tui.corpus.jsontext import escaped


def dumps(value: Any, *, indent: int | None = 2) -> str:  # noqa: ANN401 - any JSON value or msgspec Struct
    """Serialise ``value`` (JSON values, dataclasses, msgspec Structs) as one JSON document.

    Strings are verbatim, but every character of category Cc, Cf, Cs or Co is ``\\u``-escaped, so
    that a terminal shows nothing hidden and no escape sequence can act (CONTRACT).
    """
    import msgspec

    plain = msgspec.to_builtins(value, enc_hook=str)
    encoder = json.JSONEncoder(
        ensure_ascii=False, allow_nan=False, indent=indent, separators=(",", ": ") if indent else (",", ":")
    )
    try:
        text = encoder.encode(plain)
    except ValueError:  # JSON knows neither infinities nor what is no number
        text = encoder.encode(json.loads(json.dumps(plain), parse_constant=lambda _: None))
    return escaped(text)


def print_json(value: Any, *, indent: int | None = 2) -> None:  # noqa: ANN401 - as dumps
    """Print one JSON document and a newline, as UTF-8 whatever the locale says."""
    sys.stdout.flush()
    sys.stdout.buffer.write(dumps(value, indent=indent).encode("utf-8") + b"\n")
    sys.stdout.buffer.flush()


def say(*lines: str) -> None:
    """Print lines for people, whatever is in them."""
    from codemode_tui.sandbox.sanitise import sanitise_text

    print(sanitise_text("\n".join(lines)), flush=True)


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all; a link stays, and the file that it leads to is written. A pipe or a device
    takes what is written, and is not replaced; nor is what only has a name there: ``/dev/stdout`` may be a file.

    What has no bytes in UTF-8 (a path that is none, what a program printed) is spelt out: a page for people that took
    an evaluation to make is not lost for it.

    Raises:
        UsageError: it cannot be written.
    """
    import contextlib
    import os

    from codemode_tui.errors import UsageError

    target = Path(os.path.realpath(path))
    scratch = target.parent / f".{target.name}.{os.getpid()}"
    system = os.path.abspath(path).startswith(("/dev/", "/proc/"))
    try:
        if system or (path.exists() and not path.is_file()):
            with path.open("a", encoding="utf-8", errors="backslashreplace") as stream:  # behind what is there already
                stream.write(text)
            return
        with scratch.open("x", encoding="utf-8", errors="backslashreplace", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(scratch, target)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(
            f"{path} cannot be written: {reason}", hint="check the folder and the disk, or name another file"
        ) from error
    finally:
        with contextlib.suppress(OSError):  # it is not there, or never could be
            scratch.unlink()


def complain(line: str) -> None:
    """Print one line for people to standard error, whatever is in it."""
    from codemode_tui.sandbox.sanitise import sanitise_text

    print(f"codemode: {sanitise_text(' '.join(line.split()))}", file=sys.stderr)
