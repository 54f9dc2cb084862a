"""Empty bytes and those of one byte are one object each, however they are made."""
import ast

empty, one = b"", b"a"
made = {
    "empty": [bytes(), bytes(b""), b"ab"[5:], b"".join([]), bytes([]), "".encode(), bytes(bytearray())],
    "one": [bytes(b"a"), b"ab"[0:1], bytes([97]), b"a".join([b"a"])[:1], b"ba"[-1:], eval("b'a'")],
}
print([it is empty for it in made["empty"]], [it is one for it in made["one"]])
tree = ast.Expression(ast.Constant(b""))
print(eval(compile(ast.fix_missing_locations(tree), "tree", "eval")) is empty)


class Own(bytes):
    pass


print(Own() is Own(), Own(b"a") == one, len({id(bytes([byte])) for byte in range(256)}), [bytes([byte]) for byte in (0, 255)])
