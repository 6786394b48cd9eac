"""Small numbers in words."""

from __future__ import annotations

_CARDINALS = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen twenty"""
_ORDINALS = """first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth
fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"""
CARDINALS = _CARDINALS.split()
"""``CARDINALS[3]`` is "three"; the last is twenty."""
ORDINALS = ["", *_ORDINALS.split()]
"""``ORDINALS[3]`` is "third"; the last is the twentieth."""
MOST = 20
