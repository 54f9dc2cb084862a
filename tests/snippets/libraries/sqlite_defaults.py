# What a connection checks and keeps unless it is told otherwise.
import sqlite3

connection = sqlite3.connect(":memory:")
for name in ("foreign_keys", "recursive_triggers", "legacy_alter_table", "trusted_schema", "defer_foreign_keys", "journal_mode", "busy_timeout"):
    print(name, connection.execute(f"pragma {name}").fetchall())
connection.executescript("create table parent (id integer primary key); create table child (parent references parent (id))")
connection.execute("insert into child values (7)")
connection.commit()
connection.execute("pragma foreign_keys = on")
try:
    connection.execute("insert into child values (8)")
except sqlite3.IntegrityError as error:
    print(error)
print(connection.getconfig(sqlite3.SQLITE_DBCONFIG_ENABLE_FKEY))
