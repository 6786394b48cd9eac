"""`codemode stats`: what all turns come to."""

from __future__ import annotations

import argparse
import datetime
from collections.abc import Iterator
from contextlib import closing
from statistics import median

from codemode_tui import locations
from codemode_tui.cli.arguments import folder, whole
from codemode_tui.cli.output import print_json, say
from codemode_tui.cli.plot import bar, bars, scaled
from codemode_tui.store.statistics import Day, Statistics
from codemode_tui.store.store import Store, wait

EXAMPLE = "codemode stats --days 30"

FEW = 31
"""Rows of time that fit a screen: more days are told by the week, more weeks by the month."""
NARROW = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--workspace", type=folder, metavar="DIR", help="only what was asked in this folder")
    parser.add_argument("--days", type=whole(1, 36_500), metavar="N", help="only the last N days, today among them")
    parser.add_argument("--json", action="store_true", help="as one JSON document, with a row for each day")


def run(args: argparse.Namespace) -> int:
    since = ""
    if args.days:
        today = datetime.date.today()
        since = str(today - datetime.timedelta(days=min(args.days, today.toordinal()) - 1))
    with closing(Store.open(locations.store_file())) as store:
        found = wait(store.statistics(args.workspace, since))
    if args.json:
        print_json(found)
    else:
        say(*(_report(found) if found.turns else _nothing(args)))
    return 0


def _nothing(args: argparse.Namespace) -> Iterator[str]:
    if args.workspace or args.days:
        where = " in that folder" if args.workspace else ""
        yield f"nothing was asked{where}{' in that time' if args.days else ''}"
    else:
        yield 'nothing was asked yet; `codemode ask "What is a decorator?"` begins'


def _report(found: Statistics) -> Iterator[str]:
    turns, sessions = _count(found.turns, "turn"), _count(found.sessions, "session")
    yield f"{turns} in {sessions} since {found.since}"
    parts = (
        ("decisions", found.decisions), ("runs of code", found.runs), ("what failed runs raised", found.exceptions),
        ("turns that did not end well", {k: n for k, n in found.states.items() if k != "done"}),
        ("thumbs", found.ratings), ("why they were down", found.reasons),
        ("messages by model", found.models if len(found.models) > 1 else {}),
    )  # fmt: skip
    for title, counts in parts:
        if counts:
            yield f"\n{title}"
            yield from (f"  {line}" for line in bars(counts))
    yield from _over_time(grouped(found.days))


def _over_time(rows: list[tuple[str, Day]]) -> Iterator[str]:
    """One line for each stretch of time: how much was asked, how runs went, what was rated, how fast it was."""
    turns, speeds = scaled([day.turns for _, day in rows]), scaled([day.decode_tps for _, day in rows])
    heads = f"{'turns':<{NARROW + 7}}  {'runs ok':>7}  {'up':>4} {'down':>4}  {'tokens/s':<{NARROW + 7}}  first token"
    yield f"\n{'':<10}  {heads}"
    for (label, day), many, fast in zip(rows, turns, speeds, strict=True):
        good = f"{day.good_runs / day.runs:.0%}" if day.runs else ""
        speed = f"{day.decode_tps:>6,.0f}" if day.decode_tps is not None else f"{'':>6}"
        first = f"{day.ttft_ms / 1000:.2f} s" if day.ttft_ms is not None else ""
        yield (
            f"{label:<10}  {bar(many, NARROW)} {day.turns:>6,}  {good:>7}  {day.up or '':>4} {day.down or '':>4}  "
            f"{bar(fast, NARROW)} {speed}  {first:>11}"
        ).rstrip()


def grouped(days: list[Day]) -> list[tuple[str, Day]]:
    """By day, week or month, so that they fit a screen; the speeds are medians of the days' medians."""
    for label in (lambda date: date, _week, lambda date: date[:7], lambda date: date[:4]):
        found: dict[str, list[Day]] = {}
        for day in days:
            found.setdefault(label(day.date), []).append(day)
        if len(found) <= FEW:
            break
    return [(name, _together(name, some)) for name, some in found.items()]


def _together(name: str, days: list[Day]) -> Day:
    def middle(values: list[float | None]) -> float | None:
        known = [value for value in values if value is not None]
        return round(median(known), 1) if known else None

    return Day(
        name,
        turns=sum(day.turns for day in days),
        runs=sum(day.runs for day in days),
        good_runs=sum(day.good_runs for day in days),
        up=sum(day.up for day in days),
        down=sum(day.down for day in days),
        decode_tps=middle([day.decode_tps for day in days]),
        prompt_tps=middle([day.prompt_tps for day in days]),
        ttft_ms=middle([day.ttft_ms for day in days]),
    )


def _week(date: str) -> str:
    year, week, _ = datetime.date.fromisoformat(date).isocalendar()
    return f"{year}-W{week:02}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
