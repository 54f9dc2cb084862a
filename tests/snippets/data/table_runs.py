# csv readers over runs of plain characters and all that interrupts them; base64 and hexadecimal digits in groups.
import base64
import binascii
import csv
import io

texts = [
    "a,b,c\n1,2,3\n", "a,b\r\nc,d\r\n", "a,b\rc,d", "", "\n", "\n\n a\n", ",", ",,\n", 'x,"y,z",w\n', '"a\nb",c\n', '"a""b"c,d\n', 'a"b,c\n', ' a, b ,"c" ,d\n', '"a" ,b\n',
    "a\\,b,c\\\nd,e\n", "'q','w'\n", "caf\u00e9,\u65e5\u672c,\U0001f600\nz\n", "1,2.5,x\n", '"1",2\n', "a\tb;c|d\n", "x" * 200 + "," + "y" * 3 + "\n", '"' + "q" * 50 + "\n" + "r" * 50 + '"\n', "a,b", 'a,"b', "\\", "a\\", ",\\,\n", "a\0b,c\n",
]
dialects = [
    {}, {"delimiter": ";"}, {"delimiter": "\t"}, {"quotechar": "'"}, {"escapechar": "\\"}, {"quoting": csv.QUOTE_NONE, "escapechar": "\\"}, {"quoting": csv.QUOTE_NONE}, {"skipinitialspace": True},
    {"doublequote": False, "escapechar": "\\"}, {"strict": True}, {"quoting": csv.QUOTE_NONNUMERIC}, {"quoting": csv.QUOTE_STRINGS}, {"quoting": csv.QUOTE_NOTNULL}, {"delimiter": "\u65e5"}, {"delimiter": "|", "quotechar": None, "quoting": csv.QUOTE_NONE},
]
for text in texts:
    for options in dialects:
        for lines in (text.splitlines(True), text.splitlines(), io.StringIO(text, newline="")):
            rows = []
            reader = csv.reader(lines, **options)
            try:
                for row in reader:
                    rows.append(row)
            except (csv.Error, ValueError) as error:
                rows.append(f"{type(error).__name__}: {error}")
            print(ascii(text[:20]), sorted(options), ascii(rows)[:120], reader.line_num)
old = csv.field_size_limit(5)
for text in ("abcde,f\n", "abcdef,g\n", '"abcdef"\n', "a,bcdefg"):
    try:
        print(list(csv.reader([text])))
    except csv.Error as error:
        print(error)
csv.field_size_limit(old)

for length in range(0, 12):
    data = bytes(range(250, 250 - length, -1))
    text = base64.b64encode(data)
    print(text, base64.b64decode(text) == data, binascii.b2a_base64(data), base64.b64decode(text.decode() + "\n") == data, binascii.hexlify(data), binascii.hexlify(data, "-", 2))
for text in (b"YWJj", b"YW Jj", b"YWJjZA==", b"YWJjZA=", b"YWJjZ", b"YWJj====", b"=YWJj", b"YWJj!ZGVm", b"YWJjZGVm\xff", b"YWJ", b"YW==YW==", b"YWJjZGVmZ2hp" * 10 + b"\n" + b"YQ=="):
    for strict in (False, True):
        try:
            print(binascii.a2b_base64(text, strict_mode=strict))
        except binascii.Error as error:
            print(error)
