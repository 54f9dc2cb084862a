class CompileError(Exception):
    pass


class DistutilsError(Exception):
    pass
