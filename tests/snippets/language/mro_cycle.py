"""Classes whose `mro()` reassigns bases so that the relation of subclasses becomes a cycle; very deep chains."""


class Meta(type):
    hook = None

    def mro(cls):
        order = super().mro()
        if Meta.hook is not None:
            Meta.hook(cls)
        return order


def make_cycle():
    class A(metaclass=Meta):
        pass

    class B(A):
        pass

    entered = []

    def hook(cls):
        if cls is B and not entered:
            entered.append(cls)
            try:
                A.__bases__ = (B,)
            except TypeError as error:
                print("TypeError:", str(error)[:40])

    Meta.hook = hook
    try:
        B.__bases__ = (A,)
    finally:
        Meta.hook = None
    A.attribute = 1
    A.__len__ = lambda self: 3
    print(B.attribute)


make_cycle()

top = type("Top", (), {})
chain = top
for _ in range(900):
    chain = type("Link", (chain,), {})
top.attribute = "from the top"
top.__repr__ = lambda self: "repr from the top"
print(chain.attribute, chain())
