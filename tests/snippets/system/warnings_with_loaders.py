# Lines of warnings by the module's loader, and warnings about modules that do not know where they come from.
import sys
import types
import warnings


class Loader:
    def __init__(self, source):
        self.source = source

    def get_source(self, name):
        if isinstance(self.source, Exception):
            raise self.source
        return self.source


def globals_with(source):
    loader = Loader(source)
    return {"__name__": "m", "__loader__": loader, "__spec__": types.SimpleNamespace(loader=loader)}


def show(message):
    print("  shown:", message.category.__name__, message.message, message.lineno if message.category is UserWarning else "-", repr(message.line))


warnings._showwarnmsg = show
warnings.simplefilter("always")
for source in (None, "a\nb\nc\x0cd", 5, b"x", "", ImportError("i"), OSError("o"), ValueError("v")):
    for line in (1, 2, 4, 0, -1):
        print(repr(source), line)
        try:
            warnings.warn_explicit("eggs", UserWarning, "file", line, module_globals=globals_with(source))
        except Exception as error:
            print("  raised:", type(error).__name__, error)
namespace = types.SimpleNamespace
for module in (
    {"__name__": "m", "__loader__": 1},
    {"__name__": "m", "__spec__": None},
    {"__name__": "m"},
    {"__name__": "m", "__loader__": 1, "__spec__": namespace()},
    {"__name__": "m", "__loader__": 1, "__spec__": namespace(loader=2)},
    {"__name__": "m", "__loader__": None, "__spec__": namespace(loader=None)},
    {},
):
    print(module)
    try:
        warnings.warn_explicit("eggs", UserWarning, "file", 1, module_globals=module)
    except Exception as error:
        print("  raised:", type(error).__name__, error)


class Spec:
    def __init__(self, parent):
        self.parent = parent


for module in (
    {"__package__": "os", "__spec__": Spec("q")},
    {"__name__": "os.path", "__path__": []},
    {"__name__": "os.path"},
    {"__package__": None, "__spec__": Spec("os")},
    {"__package__": "os", "__spec__": object()},
    {},
    {"__name__": 5},
    {"__name__": "os"},
):
    print(sorted(module))
    try:
        print(__import__("", module, {}, ["x"], 1).__name__)
    except Exception as error:
        print("  raised:", type(error).__name__, error)
try:
    __import__("none\ud800")
except ImportError as error:
    print(ascii(error))


class Counting(int):
    hashes = 0

    def __hash__(self):
        Counting.hashes += 1
        return int(self)


keys = dict.fromkeys(map(Counting, range(10)))
print(Counting.hashes)
members = set(keys)
dict.fromkeys(members)
dict.fromkeys(frozenset(keys), 1)
dict.fromkeys(keys)
members.difference(keys)
members.symmetric_difference_update(keys)
print(Counting.hashes, object.__text_signature__)
