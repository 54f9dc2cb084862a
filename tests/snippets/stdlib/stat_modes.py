# The native half of `stat`.
import _stat
import stat

print(stat.filemode is _stat.filemode, [stat.filemode(mode) for mode in (0o100644, 0o40755, 0o120777, 0o104755, 0o41777, 0o2000, 0o140000)])
print(stat.S_ISDIR(0o40755), stat.S_ISREG(0o40755), stat.S_IMODE(0o104755) == 0o4755, stat.S_IFMT(0o104755) == stat.S_IFREG)
print(stat.S_ISDOOR(0), stat.ST_MTIME, hex(stat.SF_SETTABLE))
try:
    stat.S_ISDIR("x")
except TypeError:
    print("TypeError")
