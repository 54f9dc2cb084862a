# Tables, types, functions, errors of sqlite3.
import sqlite3, datetime, threading

def t(f, *a, **k):
    try:
        print(repr(f(*a, **k)))
    except BaseException as e:
        print(type(e).__name__, e, getattr(e, "sqlite_errorname", ""))

c = sqlite3.connect(":memory:", detect_types=sqlite3.PARSE_DECLTYPES | sqlite3.PARSE_COLNAMES)
c.execute("create table t(a integer primary key, b text, c blob, d real, p point)")

class Point:
    def __init__(self, x, y): self.x, self.y = x, y
    def __conform__(self, protocol): return f"{self.x};{self.y}"
    def __repr__(self): return f"Point({self.x}, {self.y})"
sqlite3.register_converter("point", lambda b: Point(*map(int, b.split(b";"))))
cur = c.executemany("insert into t(b, c, d, p) values(?, ?, ?, ?)", [(str(i), bytes([i]), i / 2, Point(i, -i)) for i in range(4)])
print(cur.rowcount, cur.lastrowid, c.total_changes, c.in_transaction)
print(c.execute("select * from t where a < :k", {"k": 3}).fetchall())
print(c.execute('select b as "b [point]", null, 1e300, 2*3, x\'00ff\' from t limit 0').description)
c.commit()
cur = c.execute("select a, b from t order by a desc")
print(next(cur), cur.fetchmany(2), cur.fetchone(), cur.fetchone(), cur.description[0][0])
c.row_factory = sqlite3.Row
row = c.execute("select a, b as Name from t").fetchone()
print(tuple(row), row["name"], row["NAME"], row[0], row[-1], row.keys(), len(row), row == row, row[0:1])
t(lambda: row["x"]); t(lambda: row[9])
c.row_factory = None
c.create_function("twice", 1, lambda x: x * 2, deterministic=True)
print(c.execute("select twice(4), twice('ab'), twice(1.5), twice(x'01')").fetchone())
class Sum:
    def __init__(self): self.s = 0
    def step(self, x): self.s += x
    def inverse(self, x): self.s -= x
    def value(self): return self.s
    def finalize(self): return self.s
c.create_aggregate("total2", 1, Sum)
c.create_window_function("win", 1, Sum)
print(c.execute("select total2(a) from t").fetchone(), c.execute("select win(a) over (order by a rows 1 preceding) from t").fetchall())
c.create_collation("rev", lambda a, b: (a < b) - (a > b))
print([r[0] for r in c.execute("select b from t order by b collate rev")])
c.create_function("boom", 0, lambda: 1 / 0); t(lambda: c.execute("select boom()").fetchone())
c.create_function("big", 0, lambda: 2**70); t(lambda: c.execute("select big()").fetchone())
for sql, args in (("select ?", (object(),)), ("select :a", (1,)), ("select ?", {"a": 1}), ("select :a", {}), ("select ?", 5), ("select ?", (1, 2)),
                  ("select 1; select 2", ()), ("selec", ()), ("select \0", ()), ("select * from nope", ()),
                  ("insert into t(a) values(1)", ())):
    t(lambda: c.execute(sql, args).fetchall())
t(lambda: c.executemany("select ?", [(1,)])); t(c.execute, 5)
t(lambda: c.execute("").fetchall()); t(lambda: c.execute("-- c\n").description)
with c:
    c.execute("update t set b = 'z' where a = 1")
try:
    with c:
        c.execute("delete from t"); raise KeyError
except KeyError:
    print(c.execute("select count(*) from t").fetchone(), c.in_transaction)
print("\n".join(c.iterdump()))
log = []
c.set_trace_callback(log.append); c.execute("select ?", ("v",)); c.set_trace_callback(None); print(log)
c.set_authorizer(lambda action, *a: sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_DELETE else sqlite3.SQLITE_OK)
t(c.execute, "delete from t"); c.set_authorizer(None)
c.set_progress_handler(lambda: 1, 1); t(lambda: c.execute("select a from t, t as u").fetchall()); c.set_progress_handler(None, 0)
with c.blobopen("t", "c", 2, readonly=False) as blob:
    print(len(blob), blob.read(), blob.tell(), blob[0]); blob[0] = 9; blob.seek(0); print(blob.read()); t(blob.write, b"xx")
c.rollback()
d = sqlite3.connect(":memory:")
c.backup(d); print(d.execute("select count(*) from t").fetchone(), d.in_transaction, d.autocommit)
d.autocommit = False; print(d.in_transaction, d.autocommit); d.close()
e = sqlite3.connect(":memory:", isolation_level=None)
e.deserialize(c.serialize()); print(e.execute("select b from t where a = 1").fetchone(), e.isolation_level)
t(setattr, e, "isolation_level", "x"); t(setattr, e, "autocommit", 5); t(c.backup, c)
cur.close(); t(cur.execute, "select 1")
thread = threading.Thread(target=lambda: t(lambda: str(type(c.execute("select 1"))))) if False else None
c.close(); t(c.execute, "select 1"); t(lambda: c.total_changes)
t(lambda: sqlite3.connect("/nonexistent/x")); t(sqlite3.complete_statement, "select 1;"); t(sqlite3.Cursor, 5)
