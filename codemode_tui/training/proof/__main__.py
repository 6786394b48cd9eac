"""``python -m codemode_tui.training.proof --work DIR``: the proof, from nothing; goes on where it was stopped.

A person asks the bundled model for checksums, which it has never met, corrects each answer, exports, trains, and
measures: on questions that nobody has corrected, and against as many random examples of the model's own generator.
"""

from __future__ import annotations

import argparse
import json
from itertools import islice
from pathlib import Path
from typing import Any

from codemode_tui.training.proof.pattern import NEW, SEEN, questions
from codemode_tui.training.proof.report import markdown, picture
from codemode_tui.training.proof.steps import Person, write_random, write_suite

RANDOM_SEED = 77


def main() -> None:
    parser = argparse.ArgumentParser("python -m codemode_tui.training.proof", description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("proof-work"), help="folder of all products (proof-work)")
    parser.add_argument("--corrections", default="5,10,20,40", help="points of the curve (5,10,20,40)")
    parser.add_argument("--unseen", type=int, default=60, help="questions that it is measured on (60)")
    parser.add_argument("--iters", type=int, default=100, help="steps of each training (100)")
    parser.add_argument("--promoted", type=int, default=20, help="the point whose model goes through the gate; 0: none")
    parser.add_argument("--allow-broken", type=int, default=0, help="cases that the gate may find newly broken (0)")
    arguments, options = parser.parse_known_args()  # others are for `codemode train`
    counts = [int(one) for one in arguments.corrections.split(",")]
    prove(
        arguments.work.resolve(),
        counts,
        unseen=arguments.unseen,
        iters=arguments.iters,
        promoted=arguments.promoted,
        allow_broken=arguments.allow_broken,
        options=tuple(options),
    )


def prove(
    work: Path,
    counts: list[int],
    *,
    unseen: int,
    iters: int,
    promoted: int,
    allow_broken: int,
    options: tuple[str, ...] = (),
    against_random: bool = True,
) -> dict[str, Any]:
    """All points of the curve. Writes ``proof.json``, ``proof.md`` and ``proof.svg`` and returns the first.

    ``options`` are those of `codemode train` beside the steps.
    """
    options = ("--iters", str(iters), *options)
    person = Person(work)
    suite = work / "unseen.toml"
    write_suite(suite, islice(questions("unseen", SEEN + NEW), unseen), SEEN)
    found: dict[str, Any] = {
        "unseen": unseen, "iters": iters, "before": _result(person.measures(suite, "bundled")), "points": [],
    }  # fmt: skip
    _say(f"before: {found['before']['passed']} of {unseen}")
    noted = work / "corrected.json"
    done = json.loads(noted.read_text()) if noted.exists() else {"asked": 0, "wrong": 0}
    source = questions("corrected", SEEN)
    asked = list(islice(source, done["asked"]))
    for count in counts:
        while done["wrong"] < count:
            asked.append(next(source))
            done = {"asked": done["asked"] + 1, "wrong": done["wrong"] + person.corrects(asked[-1])}
            noted.write_text(json.dumps(done))
            _say(f"corrected {done['wrong']} of {count}")
        if not (export := work / f"export-{count}").exists():
            person.does("export", "--out", str(export), "--model", "bundled", "--formats", "mlx-sft")
    for count in counts:
        found["points"].append(_point(person, suite, count, options, against_random))
        _say(f"{count} corrections: {found['points'][-1]}")
    if promoted:
        found["gate"] = _gate(person, work / f"corrected-{promoted}", allow_broken)
    (work / "proof.json").write_text(json.dumps(found, indent=2) + "\n")
    (work / "proof.md").write_text(markdown(found))
    (work / "proof.svg").write_text(picture(found))
    _say(markdown(found))
    return found


def _point(person: Person, suite: Path, count: int, options: tuple[str, ...], against_random: bool) -> dict[str, Any]:
    work = person.work
    arms = {"corrected": work / f"export-{count}"}
    if against_random:
        arms["random"] = work / f"random-{count}"
        write_random(arms["random"], count, RANDOM_SEED)
    point: dict[str, Any] = {"corrections": count}
    for name, data in arms.items():
        out = work / f"{name if name == 'corrected' else 'other'}-{count}"
        trained = person.trains(data, out, *options)
        point[name] = {**_result(person.measures(suite, str(out))), "rows": trained["rows"]["train"],
                       "seconds": trained["seconds"], "loss": trained["loss"]}  # fmt: skip
    return point


def _gate(person: Person, model: Path, allow_broken: int) -> dict[str, Any]:
    """The verdict on the model of one point; promoted and taken back, if it passed."""
    page = person.work / "gate.md"
    kept = person.work / "gate.json"
    if not kept.exists():
        options = ("--model", str(model), "--allow-broken", str(allow_broken))
        verdict = person.does("train", "gate", *options, "--out", str(page), allowed=(0, 8))
        if verdict["passed"]:
            assert person.does("train", "promote", *options)["promoted"]
            assert person.does("model", "info")["path"] == str(model)
            person.does("train", "rollback")
        kept.write_text(json.dumps(verdict))
    verdict = json.loads(kept.read_text())
    return {key: verdict[key] for key in ("passed", "allow_broken", "counts")} | {
        "fixed": len(verdict["fixed"]), "broken": [f"{one['kind']}: {one['id']}" for one in verdict["broken"]],
    }  # fmt: skip


def _result(evaluation: dict[str, Any]) -> dict[str, Any]:
    ran = sum("stdout_regex" not in case["failed_checks"] for case in evaluation["cases"])
    return {"passed": evaluation["passed"], "code_right": ran, "groups": evaluation["groups"]}


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
