# os.path.normpath and splitroot, for every way in which a path can be stored.
import os.path
import posix

SHAPES = [
    "", ".", "..", "/", "//", "///", "////a", "a", "a/", "/a", "//a", "///a//b/", "a/b/c", "a//b", "a/./b", "./a", "a/.", "/.",
    "/./a", "..", "../..", "../a", "a/..", "a/../..", "a/../../b", "/..", "/../a", "//..", "//../a/..", "a/b/..", "a/b/../c",
    "a/b/../../c", "../a/../b", "../../a/..", ".a", "..a", "a..", "...", ".../..", "/a/../..", "x/.../y", "a/b/c/../../../..",
    "a\0b/../c",
]


class Name(str):
    pass


class Raw(bytes):
    pass


class Like:
    def __init__(self, path):
        self.path = path

    def __fspath__(self):
        return self.path


for shape in SHAPES:
    plain = os.path.normpath(shape)
    print(repr(shape), repr(plain), os.path.splitroot(shape))
    for wide in ("\xe9", "\u20ac", "\U0001f600"):
        assert os.path.normpath(shape + wide).endswith(wide), (shape, wide)
        assert os.path.normpath(wide + "/" + shape.replace("..", "x")).startswith(wide)
    raw = os.path.normpath(shape.encode())
    assert raw == plain.encode() and type(raw) is bytes
    for other in (Name(shape), Like(shape), Like(Name(shape))):
        found = os.path.normpath(other)
        assert found == plain and type(found) is str, other
    found = os.path.normpath(Raw(shape.encode()))
    assert found == raw and type(found) is bytes
    assert [type(part) for part in os.path.splitroot(Raw(shape.encode()))] == [bytes] * 3

print(os.path.normpath("caf\xe9/../\u20ac/./\U0001f600//x"), ascii(os.path.normpath("\u20ac/../caf\xe9")))
print(posix._path_splitroot_ex("//a/b"), posix._path_splitroot_ex(b"///a"))
for wrong in (Like(5),):
    try:
        os.path.normpath(wrong)
    except TypeError as error:
        print(error)
