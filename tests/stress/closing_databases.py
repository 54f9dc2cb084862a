"""Databases that are closed in the middle of what uses them, by the values, functions and callbacks of a call that is under way."""
import gc
import sqlite3
import sys
import threading
import warnings

warnings.simplefilter("ignore")


class Values:
    """Two parameters, before the second of which something happens."""
    def __init__(self, happens):
        self.happens = happens

    def __len__(self):
        return 2

    def __getitem__(self, index):
        if index:
            self.happens()
        return index


class Adapted:
    def __init__(self, happens):
        self.happens = happens

    def __conform__(self, protocol):
        self.happens()
        return 1


def others():
    """What may take the place of memory that was freed too early."""
    for _ in range(10):
        sqlite3.connect(":memory:").execute("select 1").fetchall()


def rows(happens):
    yield (1,)
    happens()
    yield (2,)


def converted(c, end):
    sqlite3.register_converter("ending", lambda text: (end(), text)[1])
    return c.execute("select 'abc' as 'x [ending]', 'def' as 'y [ending]'").fetchall()


def called(c, end):
    c.create_function("ending", 1, lambda x: (end(), x)[1])
    return c.execute("select ending(1) union all select ending(2)").fetchall()


def set_by(name, *more):
    def use(c, end):
        getattr(c, name)(lambda *_: (end(), 0)[1], *more)
        c.execute("insert into t values (1)")
        c.executescript("select * from t; select 1; insert into t values (2)")
        c.commit()
    return use


WAYS = [
    lambda c, end: c.execute("select ?, ?", Values(end)).fetchall(),
    lambda c, end: c.execute("select ?, ?", (Adapted(end), Adapted(end))).fetchall(),
    lambda c, end: c.executemany("insert into t values (?)", rows(end)),
    converted, called, set_by("set_trace_callback"), set_by("set_authorizer"), set_by("set_progress_handler", 1),
]


def in_the_middle():
    for way in WAYS:
        for again in False, True:
            c = sqlite3.connect(":memory:", detect_types=sqlite3.PARSE_COLNAMES, check_same_thread=False)
            c.execute("create table t (a)")

            def end():
                c.__init__(":memory:") if again else c.close()
                others()
            try:
                way(c, end)
            except (sqlite3.Error, MemoryError):
                pass


def a_cursor_in_its_own_step():
    c = sqlite3.connect(":memory:")
    told = []

    def same(x):
        try:
            cursor.execute("select 5")
        except sqlite3.ProgrammingError as error:
            told.append(str(error))
        return x
    c.create_function("same", 1, same)
    cursor = c.cursor()
    cursor.execute("select same(a) from (select 1 a union all select 2 union all select 3)")
    assert cursor.fetchall() == [(1,), (2,), (3,)]
    assert told == ["Recursive use of cursors not allowed."] * 3, told


class Holder(sqlite3.Connection):
    pass


class Window:
    def __init__(self):
        self.sum = 0

    def step(self, x):
        self.sum += x

    def inverse(self, x):
        self.sum -= x

    def value(self):
        return self.sum

    def finalize(self):
        return self.sum


def leave_a_window(depth):
    """A statement in the middle of its rows dies in one collection with its connection."""
    if depth:
        return leave_a_window(depth - 1)
    c = Holder(":memory:", cached_statements=0)
    c.create_window_function("total", 1, Window)
    c.execute("create table t (a)")
    c.executemany("insert into t values (?)", [(i,) for i in range(20)])
    c.cursor_too = c.execute("select total(a) over (order by a rows between 2 preceding and 2 following) from t")
    assert c.cursor_too.fetchone() == (3,)


def clear_stack(depth):
    return clear_stack(depth - 1) if depth else [None] * 100


def dead_windows():
    for _ in range(12):
        for _ in range(5):
            leave_a_window(30)
        clear_stack(60)
        for _ in range(2):
            gc.collect()
            kept = [(i, str(i) * 3, {i: i}, object()) for i in range(3000)]
        others()


def one_cursor_in_threads():
    """Each row comes once, and no statement runs twice."""
    c = sqlite3.connect(":memory:", check_same_thread=False)
    c.execute("create table t (a)")
    for _ in range(30):
        cursor = c.execute("insert into t values (1), (2), (3), (4) returning a")
        got = []

        def read():
            while (row := cursor.fetchone()) is not None:
                got.append(row[0])
        threads = [threading.Thread(target=read) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(got) == [1, 2, 3, 4], got
    assert c.execute("select count(*) from t").fetchone() == (120,)


def used_while_closing():
    for _ in range(60):
        c = sqlite3.connect(":memory:", check_same_thread=False)
        c.execute("create table t (a)")
        c.execute("insert into t values ('text')")
        blob = c.blobopen("t", "a", 1)
        go = threading.Barrier(3)

        def use(*operations):
            go.wait()
            for _ in range(20):
                for operation in operations:
                    try:
                        operation()
                    except (sqlite3.Error, IndexError, ValueError):
                        pass
        threads = [
            threading.Thread(target=use, args=(c.interrupt, lambda: c.getconfig(1002), lambda: c.create_function("f", 1, str))),
            threading.Thread(target=use, args=(lambda: len(blob), lambda: blob.seek(0), lambda: blob[1:3], lambda: blob.read(2))),
        ]
        for thread in threads:
            thread.start()
        go.wait()
        blob.close()
        c.close()
        for thread in threads:
            thread.join()


in_the_middle()
a_cursor_in_its_own_step()
dead_windows()
one_cursor_in_threads()
used_while_closing()
print("ok")
