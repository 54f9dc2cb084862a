"""Archives with random damage are imported and read: an exception, or what is left of them."""
import importlib
import io
import os
import random
import struct
import sys
import tempfile
import zipfile
import zipimport

from support.crew import SEED

MODULES = ("mod", "pkg", "pkg.sub", "compiled", "text.txt")
# Where numbers stand in the records of the end, of the directory, and before each file.
FIELDS = {b"PK\5\6": (8, 10, 12, 16, 20), b"PK\1\2": (6, 8, 10, 12, 16, 20, 24, 28, 30, 32, 34, 42), b"PK\3\4": (6, 8, 14, 18, 22, 26, 28)}


def archive(compression, comment=b""):
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", compression) as target:
        target.comment = comment
        for name, text in (("mod.py", "x = 1\n" * 50), ("pkg/__init__.py", "y = 2\n"), ("pkg/sub.py", "z = 3\n"), ("text.txt", "hello" * 100)):
            target.writestr(name, text)
        target.writestr("compiled.pyc", bytes(20))
    return whole.getvalue()


def damage(data, chance):
    data = bytearray(data)
    kind = chance.randrange(5)
    if kind == 0:
        return data[:chance.randrange(len(data))]
    if kind == 1:
        for _ in range(chance.randrange(1, 6)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        return data
    if kind == 2:
        return data[:chance.randrange(len(data))] + chance.randbytes(chance.randrange(50)) + data[chance.randrange(len(data)):]
    if kind == 3:
        end = data.rfind(b"PK\5\6")
        numbers = chance.choice((b"\xff" * 32, chance.randbytes(32), struct.pack("<4Q", 1 << 40, 1 << 62, 5, 0)))
        place = chance.choice((end, 1 << 63, 0))
        record = b"PK\6\6" + struct.pack("<Q", 44) + bytes(12) + numbers + b"PK\6\7" + bytes(4) + struct.pack("<Q", place) + bytes(4)
        return data[:end] + record + b"PK\5\6" + b"\xff" * 18
    mark = chance.choice(list(FIELDS))
    places = [place for place in range(len(data)) if data.startswith(mark, place)]
    place = chance.choice(places) + chance.choice(FIELDS[mark])
    width = chance.choice((2, 4))
    data[place:place + width] = chance.choice((b"\xff" * width, bytes(width), chance.randbytes(width), b"\xff" * (width - 1) + b"\x7f"))
    return data


def attempt(work):
    try:
        return work()
    except (Exception, SystemExit) as error:
        assert "internal error" not in str(error), error


def use(path):
    importer = attempt(lambda: zipimport.zipimporter(path))
    if importer is not None:
        for name in MODULES:
            for method in (importer.get_code, importer.get_source, importer.is_package, importer.find_spec, importer.get_data):
                attempt(lambda: method(name))
        attempt(importer.invalidate_caches)
    sys.path.insert(0, path)
    for name in MODULES[:4]:
        attempt(lambda: importlib.import_module(name))
    for name in MODULES:
        sys.modules.pop(name, None)
    sys.path.remove(path)
    sys.path_importer_cache.pop(path, None)

    def read():
        with zipfile.ZipFile(path) as source:
            attempt(source.testzip)
            for name in source.namelist():
                attempt(lambda: source.read(name))
    attempt(read)


chance = random.Random(SEED)
whole = [archive(zipfile.ZIP_STORED), archive(zipfile.ZIP_DEFLATED), archive(zipfile.ZIP_DEFLATED, b"comment")]
with tempfile.TemporaryDirectory() as folder:
    for number in range(120):
        path = os.path.join(folder, f"{number}.zip")
        with open(path, "wb") as file:
            file.write(damage(chance.choice(whole), chance))
        use(path)
print("ok")
