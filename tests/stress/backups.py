"""Backups of two connections into one another, each in a thread of its own: nobody waits for ever."""
import sqlite3

from support.crew import run

ROUNDS = 60


def connection():
    made = sqlite3.connect(":memory:", check_same_thread=False)
    made.execute("create table t(x)")
    made.executemany("insert into t values (?)", [(number,) for number in range(2000)])
    made.commit()
    return made


def crosswise(count):
    connections = [connection() for _ in range(count)]

    def work(number, random):
        source, target = connections[number], connections[(number + 1) % count]
        for _ in range(ROUNDS):
            try:
                source.backup(target, pages=random.choice((0, 1, 5)), sleep=0.0001)
                source.backup(target, pages=2, progress=lambda *_: source.execute("select 1").fetchone())
            except sqlite3.Error:
                pass

    run(work, count)
    for made in connections:
        assert made.execute("select count(*) from t").fetchone() == (2000,)


crosswise(2)
crosswise(3)
print("ok")
