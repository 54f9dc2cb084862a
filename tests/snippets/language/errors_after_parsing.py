# Errors that are found after parsing: words, places, and no text where there is no file.
def show(source):
    try:
        compile(source, "<string>", "exec")
        print("fine", repr(source))
    except SyntaxError as error:
        print(error.msg, error.lineno, error.offset, error.end_offset, error.text)


show('return "ä"')
for prelude in ["", "class X: ", "def f(): ", "async def f(): "]:
    for annotation in ["(yield)", "(y := 3)", "(await 42)", "[y async for y in x]", "{y async for y in x}"]:
        show(prelude + "(x): " + annotation)
show('match ...:\n case f"": pass')
show('match ...:\n case f"{x}": pass')
show("match ...:\n case {0: _, False: _}: pass")
show("match ...:\n case {0: _, 0.0: _}: pass")
show("match ...:\n case {0: _, 0j: _}: pass")
show('match ...:\n case {"a": _, "a": _}: pass')
show("class Foo:\n def bar(self):\n  [[(__x:=2) for _ in range(2)] for __x in range(2)]")
show("[(c := 1) for a, (*b, c[d+e::f(g)], h.i) in j]")
for count in [100, 1000, 10_000]:
    show("f'{" + "(" * count + "}'")
print(eval("f'{1}' 'x' 'y'" * 1024) == "1xy" * 1024, eval("f'" + "{1} " * 300 + "'") == "1 " * 300)
print(ascii("\N{TANGUT IDEOGRAPH-17000}\N{tangut ideograph-18d08}"))
print(f"{1+2 = # my comment
  }")
x = 3
print(repr(t"{ x = }"), repr(t"{x }".interpolations[0].expression))
