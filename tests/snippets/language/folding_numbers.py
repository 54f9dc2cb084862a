"""Operators on literals give what they give at run time, and the long ones are computed once."""
numbers = [0, 1, -1, 2, 5, 63, 64, 126, 127, 128, 2**31, 2**62, 2**63 - 1, 2**63, 2**64 - 1, -(2**63), -(2**63) - 1, 2**100, 2**126,
           2**127 - 1, 2**127, -(2**127), 0.0, -0.0, 1.5, 1e308, 1j, 2 + 3j, True, False]
operators = ["+", "-", "*", "//", "%", "**", "<<", ">>", "|", "^", "&", "/"]


def outcome(make):
    try:
        return repr(make())
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def literal(number):
    return f"({number!r})" if number == number else "nan"


different = 0
for a in numbers:
    for operator in operators:
        for b in numbers:
            if operator in ("**", "<<") and isinstance(b, int) and b > 2**20:
                continue
            late = outcome(lambda: eval(f"a {operator} b"))
            try:
                code = compile(f"{literal(a)} {operator} {literal(b)}", "", "eval")
            except Exception as error:
                print(type(error).__name__, a, operator, b)
                continue
            early = outcome(lambda: eval(code))
            if early != late:
                different += 1
                print(a, operator, b, early, late)
for a in numbers:
    for operator in ("-", "+", "~", "not "):
        if operator == "~" and isinstance(a, bool):
            continue
        early, late = outcome(lambda: eval(f"{operator}{literal(a)}")), outcome(lambda: eval(f"{operator}a"))
        if early != late:
            different += 1
            print(operator, a, early, late)
print("different:", different)
for source in ("2**64 - 1", "1 << 100", "0xffff_ffff_ffff_ffff & ~0xff", "-2**63", "-(2**63) - 1", "10**30 // 7", "2j + 1 - 3j"):
    code = compile(source, "", "eval")
    print(source, eval(source) in code.co_consts, eval(code))
