class _Directory(dict):
    """The directory of the library's archive, whose rows are made when they are asked for."""

    def __init__(self, archive, places, directory, shift):
        super().__init__(places)
        self._source = archive, directory, shift

    def __getitem__(self, name):
        row = super().__getitem__(name)
        if type(row) is int:
            row = self[name] = _imp._zip_row(*self._source, row)
        return row

    def get(self, name, default=None):
        return self[name] if name in self else default

    def _whole(self):
        for name in self:
            self[name]
        return super()

    def items(self):
        return self._whole().items()

    def values(self):
        return self._whole().values()

    def copy(self):
        return dict(self.items())


def _read_directory(archive):
    if (known := _imp._read_zip_directory(archive)) is not None:
        return known if type(known) is dict else _Directory(archive, *known)
