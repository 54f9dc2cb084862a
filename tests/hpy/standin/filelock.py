"""A lock that does nothing: every case has its process and its folder."""


class FileLock:
    def __init__(self, path):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *details):
        return False
