import _csv, io, sys
import re

def w(rows,**k):
    f=io.StringIO(); x=_csv.writer(f,**k)
    for r in rows: x.writerow(r)
    return f.getvalue()

def show(text):
    try:
        result = repr(eval(text))[:200]
    except BaseException as error:
        result = f"{type(error).__name__}: {error} {' '.join(getattr(error, '__notes__', []))}".rstrip()
    print(text, "->", re.sub("0x[0-9a-f]+", "0x", result))


for line in r'''
_csv.reader(5)
_csv.reader([],dialect="nope")
_csv.reader([],delimiter="ab")
_csv.reader([],delimiter=5)
_csv.reader([],delimiter=None)
_csv.reader([],delimiter="")
_csv.reader([],delimiter="\n")
_csv.reader([],quotechar="ab")
_csv.reader([],quotechar="")
_csv.reader([],quotechar=5)
_csv.reader([],quoting=10)
_csv.reader([],quoting="a")
_csv.reader([],quotechar=None)
_csv.reader([],quotechar=None,quoting=1)
_csv.reader([],lineterminator=5)
_csv.reader([],lineterminator=None)
_csv.reader([],escapechar=" ",skipinitialspace=True)
_csv.reader([],delimiter=" ",skipinitialspace=True)
_csv.reader([],delimiter=",",quotechar=",")
_csv.reader([],delimiter=",",lineterminator=",")
_csv.reader([],foo=1)
_csv.reader()
_csv.writer(5)
_csv.writer()
list(_csv.reader(['a,"b']))
list(_csv.reader(['a,"b'],strict=True))
list(_csv.reader(['a,"b"c'],strict=True))
list(_csv.reader(['a,"b"c']))
list(_csv.reader(['a,"b""c"','x']))
list(_csv.reader(['a,"b','c"']))
list(_csv.reader(['a, "b"'],skipinitialspace=True))
list(_csv.reader([5]))
list(_csv.reader([b"a"]))
list(_csv.reader(["a\nb"]))
list(_csv.reader(["a\rb"]))
list(_csv.reader(["a\\"],escapechar="\\"))
list(_csv.reader(["a\\,b"],escapechar="\\"))
list(_csv.reader(["a\\"],escapechar="\\",strict=True))
list(_csv.reader(["1,a"],quoting=2))
list(_csv.reader(["1,,\"\""],quoting=4))
list(_csv.reader(["1,,\"\""],quoting=5))
list(_csv.reader(["","a",""]))
list(_csv.reader(["a,b\r\n"]))
list(_csv.reader(["a,\"b\r\n","c\""]))
w([5])
w([['a,b']],quoting=3)
w([['']],quoting=3)
w([['a"']],quoting=3,quotechar='"')
w([['a"']],quoting=3,quotechar=None)
w([['a,b"\n']],quoting=3,escapechar='\\')
w([['a','b c',1,1.5,None,'a"b','a,b','a\nb','']])
w([['a',1,None,1.5]],quoting=1)
w([['a',1,None,1.5]],quoting=2)
w([['a',1,None,1.5]],quoting=4)
w([['a',1,None,1.5]],quoting=5)
w([[]])
w([['']])
w([[None]])
w([[None]],quoting=3)
w([['a"b']],doublequote=False)
w([['a"b']],doublequote=False,escapechar='\\')
w([['a\\b']],escapechar='\\')
w([[' a']],delimiter=' ')
w([['']],delimiter=' ',skipinitialspace=True)
w([['a']],lineterminator='!')
w([['a!']],lineterminator='!')
_csv.field_size_limit("a")
_csv.field_size_limit(1,2)
_csv.field_size_limit()
_csv.field_size_limit(10)
list(_csv.reader(["a"*11]))
_csv.field_size_limit(131072)
_csv.register_dialect(5)
_csv.register_dialect("x",delimiter=";")
_csv.get_dialect("x").delimiter
list(_csv.reader(["a;b"],"x"))
_csv.list_dialects()
_csv.unregister_dialect("x")
_csv.unregister_dialect("x")
_csv.get_dialect("x")
_csv.get_dialect(5)
_csv.Dialect(5)
_csv.Dialect().delimiter
_csv.Dialect().lineterminator
_csv.Dialect().quoting
_csv.Dialect().escapechar
_csv.Dialect().quotechar
_csv.Dialect(quotechar=None).quotechar
_csv.Dialect(delimiter=";").__reduce__()
_csv.Dialect(None,";","q").delimiter
_csv.Dialect().delimiter.__class__
_csv.Dialect().__reduce_ex__(2)
_csv.reader(["a"]).dialect
_csv.reader(["a"]).line_num
_csv.writer(io.StringIO()).writerows(5)
_csv.writer(io.StringIO()).writerows([5])
_csv.writer(io.StringIO()).writerow("ab")
_csv.__version__
_csv._dialects
_csv.Dialect(strict=1).strict
_csv.Dialect(doublequote=[]).doublequote
_csv.Error.__mro__
_csv.reader.__text_signature__
_csv.Reader.__name__
'''.strip().splitlines():
    show(line)
