"""Calls everything in the example many times and watches the memory: leaks.py [CALLS]. Ends with a line "ok"."""

import gc
import resource
import sys
import time

from hpy_example import records, toolbox, vectors
from hpy_example.records import CountedFloat, CountedInt, CountedList, CountedStr, CountedTuple, Mixed, Node
from hpy_example.vectors import Vector

CALLS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
MEGABYTES = 2

vector, node, mixed, number = Vector(range(8)), Node("key"), Mixed(), CountedInt(3)
ints, floats = CountedList([1]), CountedFloat(1.5)


def failing(how):
    try:
        toolbox.fail(how)
    except Exception:
        pass


def cycle():
    one, two = Node(1), Node(2)
    one.left, two.left = two, one


KINDS = {
    "make a vector": lambda: Vector((1, 2)),
    "add vectors": lambda: vector + vector,
    "add a number": lambda: 1 + vector,
    "compare": lambda: vector == vector,
    "repr": lambda: repr(vector),
    "item": lambda: vector[1],
    "slice": lambda: vector[1:3],
    "set item": lambda: vector.__setitem__(0, 1.0),
    "length": lambda: len(vector),
    "hash": lambda: hash(vector),
    "call an object": lambda: vector(2.0),
    "buffer": lambda: memoryview(vector).release(),
    "member": lambda: vector.scale,
    "getset": lambda: vector.norm,
    "method": lambda: vector.sum(),
    "call back": lambda: vector.map(abs),
    "dot product": lambda: vector @ vector,
    "make a node": lambda: Node(1, 2),
    "cycle": cycle,
    "set a field": lambda: setattr(node, "value", object()),
    "get a field": lambda: node.value,
    "member object": lambda: (setattr(node, "note", object()), node.note),
    "insert": lambda: Node(1).insert(2, 3),
    "items": lambda: node.items(),
    "vectorcall": lambda: node(1, 2),
    "counted int": lambda: CountedInt(7).tick(),
    "counted str": lambda: CountedStr("x").tick(),
    "counted tuple": lambda: CountedTuple((1,)) + (2,),
    "counted list": lambda: CountedList([1]).tick(),
    "counted float": lambda: floats + 1,
    "type name": lambda: mixed.hello(),
    "parse": lambda: toolbox.parse(1, 2.0, s="x"),
    "integers": lambda: toolbox.integers(5),
    "arithmetic": lambda: toolbox.arithmetic(5, 2),
    "tracker": lambda: toolbox.bits(5, 2),
    "text": lambda: toolbox.text("häuser"),
    "encode": lambda: toolbox.encode("ä"),
    "shown": lambda: toolbox.shown(1.5),
    "dict": lambda: toolbox.count("aab"),
    "edit a dict": lambda: toolbox.edit({}),
    "call": lambda: toolbox.call(len, "abc"),
    "call method": lambda: toolbox.join("-", ["a", "b"]),
    "import": lambda: toolbox.square_root(4),
    "evaluate": lambda: toolbox.evaluate("1 + 1", {}),
    "error": lambda: failing(0),
    "format an error": lambda: failing(2),
    "errno": lambda: failing(3),
    "own error": lambda: failing(4),
    "global": lambda: toolbox.keep([]),
    "capsule": lambda: toolbox.unwrap(toolbox.wrap(1)),
    "context variable": lambda: toolbox.set_level(None),
    "named tuple": lambda: toolbox.point(1, 2),
    "leave": lambda: toolbox.leave(1),
}
# These take microseconds: fewer of them.
SLOW = {"evaluate": 50, "import": 5, "context variable": 20, "errno": 5, "call back": 5, "named tuple": 5}


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / (1 << 20)


def many(function, count):
    for _ in range(count):
        function()


worst, failed = 0, []
for name, function in KINDS.items():
    chunk = max(1000, CALLS // SLOW.get(name, 1) // 5)
    sizes, began = [], time.monotonic()
    # The heap takes some rounds to settle on a size; a leak goes on growing.
    while len(sizes) < 5 or (sizes[-1] - min(sizes[-3:-1]) > MEGABYTES and len(sizes) < 20):
        many(function, chunk)
        toolbox.set_level(None)
        gc.collect()
        sizes.append(resident())
    count = chunk * len(sizes)
    took = time.monotonic() - began
    growth = sizes[-1] - min(sizes[-3:-1])
    worst = max(worst, growth)
    print(f"{name:18} {count:8} calls {took / count * 1e9:7.0f} ns {sizes[-1]:7.1f} MB {growth:+6.1f} MB", flush=True)
    if growth > MEGABYTES:
        failed.append(name)
print(f"worst growth {worst:.1f} MB in a fifth of the calls")
if failed:
    sys.exit(f"memory grows: {', '.join(failed)}")
print("ok")
