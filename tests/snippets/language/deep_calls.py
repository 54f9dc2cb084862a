"""Calls in calls, so deep that temporaries are put aside: what earlier calls left between them must not be kept as values."""
import gc


def take(*args):
    gc.collect()
    return len(args)


def leave(*args):
    return [args]


lines = ["def deep(x):"]
for depth in range(1, 60):
    # Windows of calls at every place of the frame.
    lines.append("    [" * 1 + "leave(), " + "".join(f"[{number}, " for number in range(depth)) + "leave(1)" + "]" * depth + "]")
lines.append("    return " + "take(1, 2, " * 60 + "take(x)" + ")" * 60)
exec("\n".join(lines))
for _ in range(3):
    print(deep(1))

parameters = ", ".join(f"p{number}" for number in range(300))
exec(f"def many({parameters}):\n    def inner(): return {parameters.replace(',', ' +')}\n    gc.collect()\n    return inner(), p299, inner")
print(many(*range(300))[:2])
