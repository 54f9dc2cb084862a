"""Values that hold themselves, written and read by marshal."""
import marshal

loop = ([], {})
loop[0].append(loop)
loop[1][1] = loop
for version in range(marshal.version + 1):
    try:
        copy = marshal.loads(marshal.dumps(loop, version))
        print(version, type(copy), copy[0][0] is copy, copy[1][1] is copy)
    except ValueError as error:
        print(version, error)
for parts in ([], None, None), (None, [], None), (None, None, []):
    cut = slice(*parts)
    next(part for part in parts if part is not None).append(cut)
    for version in range(marshal.version + 1):
        try:
            marshal.dumps(cut, version)
        except ValueError as error:
            print(version, error)
cut = slice(1, [2], "3")
print(marshal.loads(marshal.dumps([cut, cut, (cut,), [cut]])))
for data in b"\xa8\x01\0\0\0[\x01\0\0\0r\0\0\0\0", b"\xa8\x01\0\0\0{Nr\0\0\0\x000":
    value = marshal.loads(data)
    print(type(value), type(value[0]), (value[0][0] if type(value[0]) is list else value[0][None]) is value)
for data in b"\xba[\x01\0\0\0r\0\0\0\0NN", b"\xbe\x01\0\0\0r\0\0\0\0", b"\xfbr\0\0\0\0N0", b"\xa8\x02\0\0\0N":
    try:
        print(marshal.loads(data))
    except (ValueError, TypeError, EOFError) as error:
        print(type(error).__name__)
