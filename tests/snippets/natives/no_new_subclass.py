"""A subclass of a class that programs may not make instances of: the native fields would stay empty."""
import gc
import _hashlib

for base in (_hashlib.HASH,):
    class Derived(base):
        pass

    for make in (Derived, lambda: object.__new__(Derived), lambda: base.__new__(Derived)):
        try:
            make()
        except TypeError:
            print("TypeError")
gc.collect()
