"""Registrations of a poll object: their order, changes, and that many take no quadratic time. Scripts of many statements likewise."""
import os
import select
import sqlite3

pipes = [os.pipe() for _ in range(4)]
poll = select.poll()
for _, write in reversed(pipes):
    poll.register(write, select.POLLOUT)
order = {write: index for index, (_, write) in enumerate(pipes)}
show = lambda: print([(order[fd], event) for fd, event in poll.poll(0)])
show()
poll.register(pipes[3][1], select.POLLOUT)
poll.unregister(pipes[2][1])
show()
poll.register(pipes[2][1], select.POLLOUT)
poll.modify(pipes[1][1], 0)
show()
for change in lambda: poll.modify(9999, 1), lambda: poll.unregister(9999):
    try:
        change()
    except (OSError, KeyError) as error:
        print(repr(error))
many = select.poll()
for number in range(100_000):
    many.register(number)
for number in range(100_000):
    many.unregister(number)
print(many.poll(0))

connection = sqlite3.connect(":memory:")
connection.executescript("create table t(a);" + "insert into t values (1);\n" * 50_000 + "-- the end")
print(connection.execute("select sum(a) from t").fetchone())
for script in "", ";", "-- é", "select 1", "insert into t values ('é'); select 2; /* open":
    connection.executescript(script)
try:
    connection.executescript("insert into t values (2); insert into u values (1); insert into t values (3)")
except sqlite3.OperationalError as error:
    print(error)
print(connection.execute("select count(*) from t").fetchone())
