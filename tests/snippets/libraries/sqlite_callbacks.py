"""A function that cannot be replaced because a statement uses it stays; a connection that is closed in its own callback."""
import gc
import sqlite3

connection = sqlite3.connect(":memory:")
connection.execute("create table t (a)")
connection.executemany("insert into t values (?)", [(i,) for i in range(50)])


def maker(number):
    extra = [number] * 3
    return lambda a: a + extra[1]


connection.create_function("f", 1, maker(1000))
rows = connection.execute("select f(a) from t")
print(next(rows))
try:
    connection.create_function("f", 1, maker(2000))
except sqlite3.OperationalError as error:
    print(error)
gc.collect()
junk = [maker(i) for i in range(20000)]
print(sum(a for a, in rows))
del junk
connection.create_function("f", 1, maker(3000))
print(next(connection.execute("select f(a) from t")))

# A new database for the connection, while a statement of the old one runs.
rows = connection.execute("select f(a) from t")
print(next(rows))
connection.__init__(":memory:")
gc.collect()
junk = [maker(i) for i in range(20000)]
try:
    print(sum(a for a, in rows))
except sqlite3.Error as error:
    print(type(error).__name__)
print(connection.execute("select 1").fetchall())
