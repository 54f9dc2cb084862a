import types


def masked(text):
    head, *rest = text.split("0x")
    return head + "".join("0x?" + part.lstrip("0123456789abcdef") for part in rest)


def t(f):
    try:
        print(masked(repr(f())))
    except BaseException as e:
        print(type(e).__name__, "|", e)


for o in (len, [].append, list.append, list.__add__, [].__add__, dict.__dict__['fromkeys'], type.__dict__['__dict__'], types.FunctionType.__dict__['__globals__']):
    t(lambda: type(o)()); t(lambda:o.__name__);t(lambda:o.__qualname__);t(lambda:o.__objclass__);t(lambda:o.__module__);t(lambda:o.__text_signature__); t(lambda: setattr(o,'foo',1)); t(lambda: repr(o))
    if not isinstance(o, (types.GetSetDescriptorType, types.ClassMethodDescriptorType)): t(lambda: o.__reduce__())
t(lambda: [].append == [].append)
a=[]
t(lambda: a.append == a.append)
t(lambda: hash(a.append)==hash(a.append))
t(lambda: a.__add__==a.__add__)
t(lambda: a.append<a.append)
t(lambda:hash(a.__add__)==hash(a.__add__))
t(lambda: list.append.__get__(None))
t(lambda: list.append.__get__(1))
t(lambda: list.append())
t(lambda: list.__add__())
t(lambda: list.__add__(1))
t(lambda: type.__dict__['__dict__'].__get__(1))
t(lambda: type.__dict__['__dict__'].__set__(1))
t(lambda: dict.__dict__['fromkeys']())
t(lambda: dict.__dict__['fromkeys'](1))
class S: __slots__=('a',)
t(lambda: S.a)
t(lambda: S.a.__objclass__)
t(lambda: S.a.__qualname__)
t(lambda: S.a.__reduce__())
t(lambda: S().a)
t(lambda: S.a.__get__(1))
t(lambda: S.a.__doc__)
