# Functions with more variables than registers: every kind of use of those that lie elsewhere.
def show(*args, **kwargs):
    return args, sorted(kwargs.items())


class Text(str):
    def __or__(self, other):
        return Text(f"{self}|{other}")


A, B, C = map(Text, "ABC")

USES = '''
    out = []
    for n in "12":
        out.append(show(n, flag=A | B | C))
        out.append(show(n, n, A | n, *[n], x=n, y=A | B))
        out.append([n, A | n, n] + [*n, A | B | n])
        out.append((n, {n: A | B, A: n}, {n}, f"{n}{A | B}{n:>3}"))
        m = n
        m += n
        first, *rest = n, m, n
        out.append((m, first, rest, n if m else A, n and A | B, not n, n < m < A, n[0], m[0:1]))
        @lambda f: (f, n)
        def inner(p=n, *, q=A | B):
            return p, q, late
        late = m
        out.append((inner[0](), inner[0](late, q=late), inner[1]))
        table = {}
        table[n] = m
        table[n], table[m] = A | B, n
        del table[n]
        out.append((table, [x + n for x in m], {x: n for x in m}, (lambda: n)(), show(n, *m, **{"k": n})))
        try:
            with Manager(n, A | B) as got:
                out.append((got, n, m))
                raise ValueError(n, m)
        except ValueError as error:
            caught = error
            out.append((caught.args, n))
        match (n, m):
            case (str(one), two) if two != n:
                out.append((one, two, n))
        assert n, (n, m)
        print_to(n, m, sep=n, end=A | B)
        while (walrus := n + m) and len(out) < 0:
            pass
        out.append((walrus, n.join([m, n]), n.replace(n, m), show(n.upper(), m.upper(), late.upper(), k=n.upper())))
        unset_if = None
        del unset_if
        try:
            out.append(unset_if)
        except UnboundLocalError as error:
            out.append(str(error))
        try:
            m = unset_if
        except UnboundLocalError:
            out.append(m)
        def nonlocal_user():
            nonlocal counter
            counter += n
            return counter
        counter = n
        out.append((nonlocal_user(), counter))
    return out
'''


class Manager:
    def __init__(self, *args):
        self.args = args

    def __enter__(self):
        return self.args

    def __exit__(self, *rest):
        return False


def print_to(*args, **kwargs):
    assert len(args) == 2 and set(kwargs) == {"sep", "end"}


def build(count, head="def made():", tail=""):
    body = "".join(f"    v{number} = {number}\n" for number in range(count))
    names = {"show": show, "A": A, "B": B, "C": C, "Manager": Manager, "print_to": print_to}
    exec(head + "\n" + body + USES + tail, names)
    return names["made"]


expected = build(0)()
print(*expected[: len(expected) // 2], sep="\n")
for count in (60, 100, 110, 120, 130, 150, 200, 240, 250, 260, 300, 1000):
    found = build(count)()
    print(count, found == expected)
    if found != expected:
        print([pair for pair in zip(found, expected) if pair[0] != pair[1]][:3])
many = ", ".join(f"p{number}" for number in range(150))
print(build(150, f"def made({many}):")(*range(150)) == expected)
source = USES.replace("return out", "yield out")
names = {"show": show, "A": A, "B": B, "C": C, "Manager": Manager, "print_to": print_to}
exec("def made():\n" + "".join(f"    v{number} = {number}\n" for number in range(300)) + source, names)
print(next(names["made"]()) == expected)
exec("async def made():\n" + "".join(f"    v{number} = {number}\n" for number in range(300)) + USES, names)
try:
    names["made"]().send(None)
except StopIteration as stop:
    print(stop.value == expected)
