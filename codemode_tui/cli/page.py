"""Pages for a browser: one file, nothing from elsewhere, every text escaped, and what it hides made visible."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from codemode_tui.sandbox.sanitise import sanitise_text

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --bar: #3b82c4; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; } caption { text-align: left; }
td, th { text-align: left; vertical-align: top; padding: .25rem .6rem; border-bottom: 1px solid var(--line); }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.bar { width: 50%; } td.bar div { background: var(--bar); height: .9rem; border-radius: 2px; }
pre { overflow-x: auto; border: 1px solid var(--line); padding: .5rem; white-space: pre-wrap; }
@media print { td.bar div { print-color-adjust: exact; } }
"""


def page(title: str, *parts: str) -> str:
    """A whole document; ``parts`` are pieces of markup from the functions below."""
    return (
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{_shown(title)}</title>\n<style>{_STYLE}</style>\n<h1>{_shown(title)}</h1>\n" + "\n".join(parts) + "\n"
    )


def section(title: str, *parts: str) -> str:
    return f"<h2>{_shown(title)}</h2>\n" + "\n".join(parts)


def text(said: str) -> str:
    return f"<p>{_shown(said)}</p>"


def code(source: str) -> str:
    return f"<pre><code>{_shown(source)}</code></pre>"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Rows of cells; numbers stand to the right."""
    top = "".join(f"<th>{_shown(name)}" for name in head)
    body = "\n".join("<tr>" + "".join(_cell(cell) for cell in row) for row in rows)
    return f"<table>\n<tr>{top}\n{body}\n</table>"


def bars(counts: Mapping[str, int]) -> str:
    """A bar for each name, as long as its share of the largest."""
    most = max(counts.values(), default=0) or 1
    rows = "\n".join(
        f'<tr><td>{_shown(name)}<td class="number">{count:,}'
        f'<td class="bar"><div style="width:{100 * count / most:.1f}%"></div>'
        for name, count in counts.items()
    )
    return f"<table>\n{rows}\n</table>"


def _cell(value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f'<td class="number">{value:,}'
    return f"<td>{_shown(str(value))}"


def _shown(untrusted: str) -> str:
    """A text as markup. A page is read in terminals and editors, too, where its escape sequences would act."""
    return escape(sanitise_text(untrusted))
