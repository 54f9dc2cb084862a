"""JSON: keys met again, numbers of all lengths, nesting, circles, escapes."""
import json


def shown(function):
    try:
        return repr(function())
    except Exception as error:
        return f"{type(error).__name__}: {error}"


for number in (0, -0, 7, -7, 10**17, 10**18 - 1, 10**18, -(10**18), 2**63, 10**30, 0.1, -2.5, 1e16, 1e-5, 1e300, 123456789.125, True, None):
    text = json.dumps([number, {"n": number}])
    print(text, json.loads(text) == [number, {"n": number}])
for text in ("-0", "-", "01", "-12345678901234567", "123456789012345678", "1234567890123456789", "12345678901234567890", "1.5e3", "1e", "-x", '""', '"a', '"\\u00e9"', '"\\ud83d\\ude00"', '"\\ud83d"', '"a\tb"', '"a\\qb"', "[1,]", '{"a":1,}', '{"a"}', '{"":1,"":2}', '{"é":1,"日":2,"é":3}', '{"k\\u0065y":1,"key":2}', "[" * 5):
    print(text, shown(lambda: json.loads(text)), shown(lambda: json.loads(text, strict=False)))
rows = json.loads('[{"ab": 1, "ba": 2, "é": 3}, {"ab": 4, "ba": 5, "é": 6}]')
print(all(a is b for a, b in zip(rows[0], rows[1])), rows)
many = json.loads("[" + ",".join('{"key%d": %d, "x": 1}' % (n, n) for n in range(100)) + "]")
print(sum(row[f"key{n}"] for n, row in enumerate(many)))
print(json.loads('{"a": 1, "b": [1.5]}', object_pairs_hook=list), json.loads('{"a": {"b": 2}}', object_hook=lambda d: sorted(d)))
print(json.loads("[1, 2.5, -3]", parse_int=str, parse_float=repr), json.loads("[NaN, -Infinity]", parse_constant=str))
deep = []
for _ in range(40):
    deep = [deep, {"d": 1}]
print(json.dumps(deep) == json.dumps(deep, indent=None), len(json.dumps(deep, indent=3)), len(json.dumps(deep, check_circular=False)))
for height in (0, 3, 20, 40):
    ring = circle = []
    for _ in range(height):
        circle = [circle]
    ring.append(circle)
    print(height, shown(lambda: json.dumps(circle)), shown(lambda: json.dumps({"a": circle}, indent=1)))
shared = {"s": []}
print(json.dumps([shared, shared, [shared]]))
print(json.dumps({1: 1, 2.5: 2, True: 3, None: 4, "x": 5, 10**20: 6, float("inf"): 7}), shown(lambda: json.dumps({(1,): 1})), json.dumps({(1,): 1, "a": 2, (2,): 3}, skipkeys=True), json.dumps({(1,): 1}, skipkeys=True, indent=1))
print(json.dumps({"b": 1, "a": [1, {"z": 2, "y": ()}]}, sort_keys=True, indent="--", separators=(" ; ", " => ")))
print(json.dumps(["q\"", "b\\", "\n\r\t\b\f\x00\x1f\x7f", "é", "\xff", "日", "\U0001f600", "\ud800", "plain"]), ascii(json.dumps(["a\x7fé\"日\U0001f600"], ensure_ascii=False)))
print(json.dumps([1, 2], separators=("é", ":")), json.dumps([[]], separators=("a long separator", ":")), json.dumps([1, [2]], separators=("a long separator", ":")))
print(shown(lambda: json.dumps([float("nan")], allow_nan=False)), json.dumps([float("nan"), float("-inf")]), shown(lambda: json.dumps({float("nan"): 1}, allow_nan=False)))
print(shown(lambda: json.dumps([object])), json.dumps([{1}], default=sorted), shown(lambda: json.dumps([1j], default=lambda value: [value])))


class Text(str):
    pass


class Number(int):
    def __repr__(self):
        return "number"


print(json.dumps([Text("t"), Number(5), {Text("k"): Number(6)}]))
