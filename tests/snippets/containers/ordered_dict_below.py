# Methods of dict on an OrderedDict; keys that change; copies whose source changes.
from collections import OrderedDict


class Sub(OrderedDict):
    pass


def attempt(work):
    try:
        return work()
    except Exception as error:
        return type(error).__name__, str(error)


def removals():
    yield 'delitem', lambda od: dict.__delitem__(od, 'ham')
    yield 'pop', lambda od: dict.pop(od, 'ham')
    yield 'pop missing', lambda od: dict.pop(od, 'none', 3)
    yield 'popitem', lambda od: dict.popitem(od)
    yield 'own pop', lambda od: od.pop('ham')
    yield 'own popitem', lambda od: od.popitem()
    yield 'own del', lambda od: od.__delitem__('ham')


for kind in OrderedDict, Sub:
    for name, remove in removals():
        od = kind(spam=1, ham=2)
        print(kind.__name__, name, attempt(lambda: remove(od)), len(od))
        print(attempt(lambda: repr(od)), attempt(lambda: list(od.items())), attempt(lambda: list(od.values())))
        print(attempt(lambda: od.copy()))
        od.clear()
        od['x'] = 1
        print(od, od.copy())


class Unstable:
    count = 0

    def __hash__(self):
        Unstable.count += 7919
        return Unstable.count


od = OrderedDict()
for i in range(10):
    od[Unstable()] = i
for work in (lambda: list(od.values()), lambda: list(od.items()), lambda: repr(od), lambda: od.copy()):
    print(attempt(work)[0])


class Key:
    armed = False
    calls = 0

    def __hash__(self):
        return 1

    def __eq__(self, other):
        if Key.armed:
            Key.calls += 1
            if Key.calls == 2:
                od.clear()
        return self is other


od = OrderedDict([(Key(), 'v1'), (Key(), 'v2')])
Key.armed = True
print(attempt(od.copy))
od = OrderedDict([((1, 2), 'a'), (1 << 70, 'b'), (None, 'c'), (2.5, 'd'), ('e', 'e')])
print(od, od.copy() == od, list(od.items()), list(reversed(od.values())))
