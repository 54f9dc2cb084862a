# What locals(), dir(), eval() and frames show inside of comprehensions.
import sys

l = [1, 2]
y = 0
print([locals()["x"] for x in l], [vars()["x"] for x in l], ["x" in dir() for x in l])
print([eval("x") for x in l], "x" in globals())
[exec("y = x") for x in l]
print(y)
print("a" in [sys._getframe().f_locals for a in [0]][0], [sys._getframe().f_locals["a"] for a in [0]])

try:
    [1 / n for n in [0]]
except ZeroDivisionError:
    print(locals() is globals())


class C:
    k = 5
    names = [sorted(locals()) for x in [1]]
    values = [eval("x") for x in [1, 2]]


print(C.names, C.values)


def f():
    k = 1
    inside = [locals()["k"] for k in [7]]
    lambda: k
    return inside, k, locals()["k"], [eval("k") for k in [3]]


print(f())


def g():
    x = 1
    sys._getframe().f_locals["x"] = 2
    sys._getframe().f_locals["added"] = 3
    return x, locals()


print(g())


def h():
    y = 1

    class D:
        global y
        y = 2
        pairs = [(x, y) for x in range(2)]

    return D.pairs


print(h())


class Asked:
    def __init__(self, truth):
        self.truth, self.asked = truth, 0

    def __bool__(self):
        self.asked += 1
        return self.truth


v = [Asked(False), Asked(True), Asked(True), Asked(True)]
print((v[0] and v[1] or v[2] or v[3]) is v[2], [one.asked for one in v])
v = [Asked(False), Asked(False), Asked(True), Asked(True), Asked(False)]
print((v[0] or v[1] and v[2] or v[3] or v[4]) is v[3], [one.asked for one in v])
