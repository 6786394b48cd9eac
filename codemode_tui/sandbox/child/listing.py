"""What a listing of the workspace gives: entries as ``os.scandir`` makes them."""

import os


class Entry:
    """A directory entry of the workspace."""

    def __init__(self, folder, name):
        self.name = name.rstrip("/")
        self.path = os.path.join(folder, self.name)
        self._folder = name.endswith("/")
        self._link = None

    def is_dir(self, *, follow_symlinks=True):
        return self._folder and (follow_symlinks or not self.is_symlink())

    def is_file(self, *, follow_symlinks=True):
        return not self._folder and (follow_symlinks or not self.is_symlink())

    def is_symlink(self):
        if self._link is None:  # each look is a call of a tool
            self._link = os.path.islink(self.path)
        return self._link

    def is_junction(self):
        return False

    def stat(self, *, follow_symlinks=True):
        return os.stat(self.path, follow_symlinks=follow_symlinks)

    def __fspath__(self):
        return self.path

    def __repr__(self):
        return f"<DirEntry {self.name!r}>"


class Entries(list):
    """Entries, as the iterator that ``os.scandir`` returns."""

    def __enter__(self):
        return iter(self)

    def __exit__(self, *_):
        return None

    def __next__(self):
        if not self:
            raise StopIteration
        return self.pop(0)

    def close(self):
        self.clear()
