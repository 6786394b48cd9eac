"""Programs that mean harm, and the only ends that are right. ``ALL`` by name."""

from __future__ import annotations

from support.hostile.attack import Attack
from support.hostile.files import FILES
from support.hostile.frames import FRAMES
from support.hostile.kernel import KERNEL
from support.hostile.language import LANGUAGE
from support.hostile.resources import RESOURCES

from codemode_tui.sandbox.attacks import ATTACKS

ALL: dict[str, Attack] = {}
for _one in (*ATTACKS, *FILES, *KERNEL, *RESOURCES, *LANGUAGE, *FRAMES):
    assert _one.name not in ALL, _one.name
    ALL[_one.name] = (
        _one
        if isinstance(_one, Attack)
        else Attack(
            _one.name, _one.code, _one.ends, quiet="ok" in _one.ends, seconds=1.0 if "timeout" in _one.ends else 10.0
        )
    )
