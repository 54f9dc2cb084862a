# Names of type parameters are as written; comprehensions in annotation scopes do not see the class.
class Foo[__T]:
    def meth[__U](self, arg: __T, arg2: __U):
        return (__T, __U)

    type Alias[__V] = (__T, __V)


print(Foo.__type_params__, Foo.meth.__type_params__, Foo.Alias.__type_params__)

T = "global"


class C:
    T = "class"
    x: [T for _ in (1,)]

    def m(self, a: [T for _ in (1,)], b: T): ...

    def g[U: [T for _ in (1,)]](self, a: T): ...


print(C.__annotations__, C.m.__annotations__, C.g.__type_params__[0].__bound__, C.g.__annotations__)


def f():
    T = str

    class C:
        T = int

        class D[U](T):
            x = T

    return C


print(f().D.__bases__, f().D.x)


class Outer:
    x: int

    def method(self, x: int): ...

    def generic[T](self, x: T): ...


def nested():
    def inner() -> None: ...

    return inner


for holder in [Outer, Outer.method, Outer.generic, nested()]:
    print(holder.__annotate__.__qualname__)


class Own:
    a: int

    def __annotate__(format):
        return {"a": str}


print(Own.__annotations__)
