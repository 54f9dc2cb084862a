# dbm.ndbm: an interface to hash files.
import dbm.ndbm
import os
import random
import shelve
import tempfile

os.chdir(tempfile.mkdtemp())


def tell(function):
    try:
        print(function())
    except (Exception) as error:
        print(type(error).__name__, error)


def store(database, key, value):
    database[key] = value


def delete(database, key):
    del database[key]


db = dbm.ndbm.open("x", "c")
db["a"] = b"1"
db[b"b"] = "2"
for question in (
    lambda: db["a"],
    lambda: db["q"],
    lambda: db[5],
    lambda: store(db, 5, "x"),
    lambda: store(db, "x", 5),
    lambda: db.get("q"),
    lambda: db.get("q", 7),
    lambda: db.get(5),
    lambda: db.setdefault("a"),
    lambda: db.setdefault("n"),
    lambda: db.setdefault("m", "z"),
    lambda: db.setdefault("o", 5),
    lambda: sorted(db.keys()),
    lambda: (len(db), "a" in db, b"b" in db, bool(db)),
    lambda: 5 in db,
    lambda: delete(db, "a"),
    lambda: delete(db, "a"),
    lambda: delete(db, 5),
    lambda: db.clear(),
    lambda: (len(db), bool(db)),
    lambda: type(db)(),
):
    tell(question)
with db as same:
    print(same is db)
for question in (
    lambda: db["a"],
    lambda: db.keys(),
    lambda: len(db),
    lambda: db.get("a"),
    lambda: "a" in db,
    lambda: db.clear(),
    lambda: db.close(),
    lambda: db.setdefault("a"),
    lambda: delete(db, "a"),
    lambda: dbm.ndbm.open("none"),
    lambda: dbm.ndbm.open("x", "q"),
    lambda: dbm.ndbm.open(5),
    lambda: dbm.ndbm.open("x", 5),
    lambda: dbm.ndbm.open("x", "c", "y"),
    lambda: dbm.ndbm.open("a\0b"),
    lambda: dbm.ndbm.open("none/x", "c"),
):
    tell(question)

# Many items: pages are split.
chance = random.Random(5)
expected = {}
with dbm.ndbm.open("many", "n") as db:
    for number in range(3000):
        key = bytes(chance.randrange(256) for _ in range(chance.randrange(1, 20)))
        value = bytes(chance.randrange(256) for _ in range(chance.randrange(60)))
        if chance.random() < 0.2 and expected:
            key = chance.choice(list(expected))
            del db[key], expected[key]
        else:
            db[key] = expected[key] = value
    print(len(db), sorted(db.keys()) == sorted(expected), all(db[key] == value for key, value in expected.items()))
with dbm.ndbm.open("many") as db:
    print(all(db[key] == value for key, value in expected.items()), b"none" in db)
print(dbm.whichdb("many"))
with dbm.open("many", "w") as db:
    print(type(db).__name__, len(db) == len(expected))
with shelve.Shelf(dbm.ndbm.open("shelf", "n")) as shelf:
    shelf["list"] = [1, 2, {"a": 3}]
    shelf["list"] = shelf["list"] + [4]
with shelve.Shelf(dbm.ndbm.open("shelf")) as shelf:
    print(dict(shelf))
