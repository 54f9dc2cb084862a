# What csv writers quote and escape, with every kind of special character.
import csv, io
fields = ["", "plain", "a,b", 'say "hi"', "x\ny", "x\ry", "tab\there", "semi;colon", "back\\slash", "é,日", "日本", "😀;", "'single'", " lead", "x" * 100 + ",", None, 1, 2.5, "e|nd", "€", "a€b"]
settings = [{}, {"delimiter": ";"}, {"delimiter": "\t", "lineterminator": "\n"}, {"quoting": csv.QUOTE_ALL}, {"quoting": csv.QUOTE_NONNUMERIC}, {"quoting": csv.QUOTE_STRINGS},
            {"quoting": csv.QUOTE_NOTNULL}, {"quoting": csv.QUOTE_NONE}, {"quoting": csv.QUOTE_NONE, "escapechar": "\\"}, {"doublequote": False, "escapechar": "\\"}, {"doublequote": False},
            {"quotechar": "'"}, {"quotechar": "é"}, {"delimiter": "€"}, {"delimiter": "日", "quotechar": "😀"}, {"lineterminator": "|end|"}, {"lineterminator": "€"}, {"escapechar": "😀", "quoting": csv.QUOTE_NONE},
            {"delimiter": " ", "skipinitialspace": True}, {"quotechar": None, "quoting": csv.QUOTE_NONE, "escapechar": "!"}, {"lineterminator": ""}]
for setting in settings:
    for row in [[field] for field in fields] + [fields, [], ["a", "b"], ["", ""], [None, None]]:
        out = io.StringIO(newline="")
        try:
            csv.writer(out, **setting).writerow(row)
            print(ascii(out.getvalue()))
        except (csv.Error, TypeError, ValueError) as error:
            print(setting, ascii(row)[:30], type(error).__name__, error)
rows = [[i, str(i) * i, "é" * (i % 3), None] for i in range(40)]
out = io.StringIO(newline="")
csv.writer(out).writerows(rows)
assert list(csv.reader(io.StringIO(out.getvalue(), newline=""))) == [["" if field is None else str(field) for field in row] for row in rows]
