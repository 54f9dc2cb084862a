"""Which native classes can be derived from, and pickling by the old protocols past static ones."""
import _csv, _hashlib, _ssl, copyreg, datetime, operator, pickle, select, sqlite3, contextvars, collections, types, typing, weakref

for cls in (_csv.Reader, _csv.Writer, _hashlib.HASH, _hashlib.HMAC, _ssl.MemoryBIO, operator.attrgetter, operator.itemgetter,
            operator.methodcaller, pickle.PickleBuffer, select.epoll, sqlite3.PrepareProtocol, datetime.timezone, datetime.tzinfo):
    try:
        type("Derived", (cls,), {})
    except TypeError as error:
        print(error)
    else:
        print(cls, "can be derived from")

for cls in (datetime.date, datetime.tzinfo, datetime.timezone, collections.OrderedDict, collections.deque, contextvars.Context,
            types.SimpleNamespace, types.GenericAlias, typing.TypeVar, typing.Union, weakref.ref, operator.itemgetter):
    print(cls, bool(cls.__flags__ & 1 << 9))


class Zone(datetime.tzinfo):
    __reduce__ = object.__reduce__

    def __init__(self):
        self.name = "zone"


for protocol in (0, 1, 2, 5):
    print(protocol, pickle.loads(pickle.dumps(Zone(), protocol)).name)
reconstruct, arguments, state = Zone().__reduce__()
print(reconstruct is copyreg._reconstructor, arguments[:2], type(arguments[2]), state)
