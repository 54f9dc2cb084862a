# Which operand of two is asked whether they are equal: values of dicts, attributes and items from the left, keys and searched items from the right.
import collections
import operator
import types


class Told:
    def __init__(self, name):
        self.name = name

    def __eq__(self, other):
        print("  ", self.name, "==", other.name)
        return True

    def __lt__(self, other):
        print("  ", self.name, "<", other.name)
        return False

    def __gt__(self, other):
        print("  ", self.name, ">", other.name)
        return False

    def __hash__(self):
        return 1


a, b = Told("a"), Told("b")
Ordered = collections.OrderedDict
for text in """
    {1: a} == {1: b}
    {1: a} != {1: b}
    {a: 1} == {b: 1}
    Ordered({1: a}) == Ordered({1: b})
    Ordered({1: a}) == {1: b}
    {1: a} == Ordered({1: b})
    types.MappingProxyType({1: a}) == {1: b}
    {1: a}.items() == {1: b}.items()
    (1, a) in {1: b}.items()
    a in {1: b}.values()
    a in {b: 1}
    [a] == [b]
    [a] < [b]
    (a,) == (b,)
    {a} == {b}
    {a} <= {b}
    {a}.isdisjoint({b})
    a in {b}
    a in [b]
    a in (b,)
    a in iter([b])
    [b].index(a)
    [b].count(a)
    [b].remove(a)
    collections.deque([a]) == collections.deque([b])
    a in collections.deque([b])
    types.SimpleNamespace(x=a) == types.SimpleNamespace(x=b)
    slice(a) == slice(b)
    operator.countOf([b], a)
    operator.indexOf([b], a)
    max(a, b).name
    min(a, b).name
    sorted([a, b])[0].name
""".strip().splitlines():
    print(text.strip())
    print(eval(text.strip()))
