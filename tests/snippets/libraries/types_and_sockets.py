"""Names that came late: _types, constants of rare socket families, comparison names of memoryview."""
import _socket
import _types
import sys
import types

print(sorted(name for name in dir(_types) if not name.startswith("_")))
print(all(getattr(types, name) is getattr(_types, name) for name in dir(_types) if not name.startswith("_")))
print(types.CapsuleType.__name__)
for name in ("BDADDR_ANY", "BDADDR_LOCAL", "SOL_ALG", "AF_QIPCRTR", "TIPC_WAIT_FOREVER", "J1939_NO_PGN", "BT_SECURITY", "CAN_ISOTP"):
    print(name, getattr(_socket, name))
print(memoryview(b"a").__lt__(memoryview(b"b")), memoryview(b"a").__ge__(memoryview(b"b")))
try:
    memoryview(b"a") < memoryview(b"b")
except TypeError as error:
    print(error)
print(sys.getunicodeinternedsize() > 100, sys.getunicodeinternedsize(_only_immortal=True) > 100)
print([type(value).__text_signature__ for value in (None, ..., NotImplemented)])
