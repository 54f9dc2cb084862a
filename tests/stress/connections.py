"""Connections that end with statements in their cache, while every allocation collects."""
import os
import subprocess
import sys

PROGRAM = """
import sqlite3
for turn in range(12):
    connection = sqlite3.connect(":memory:")
    for number in range(6):
        connection.execute(f"select {number}").fetchall()
    if turn % 2:
        connection.close()
    del connection
"""
result = subprocess.run([sys.executable, "-S", "-W", "ignore", "-c", PROGRAM], env={**os.environ, "PROTOPY_GC_STRESS": "1"}, timeout=100)
assert result.returncode == 0, result.returncode
print("ok")
