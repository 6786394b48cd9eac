"""Files that a person asked for: beside what there is, and whole."""

from __future__ import annotations

import resource
import signal

import pytest

from codemode_tui.errors import WorkspaceError
from codemode_tui.front.saving import write_new


def test_a_title_never_leads_out_of_the_folder(tmp_path):
    assert write_new(tmp_path, "../../etc/passwd\x1b[2J", "md", "x").parent == tmp_path


@pytest.mark.parametrize("size", [10, 100_000])
def test_a_full_disk_leaves_no_half_of_a_file(tmp_path, size):
    limit, before = resource.RLIMIT_FSIZE, resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a limit fails as a full disk does
    try:
        resource.setrlimit(limit, (5, before[1]))
        with pytest.raises(WorkspaceError, match="cannot be written"):
            write_new(tmp_path, "a", "md", "x" * size)
    finally:
        resource.setrlimit(limit, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert list(tmp_path.iterdir()) == []
