"""Results of `os.stat` hold ints of more than one word, made one after the other while the collector runs."""
import os

expected = os.stat(__file__)
for _ in range(3000):
    found = os.stat(__file__)
    assert found == expected and found.st_mtime_ns == expected.st_mtime_ns and found.st_ctime_ns == expected.st_ctime_ns
    assert [entry.stat().st_mtime_ns for entry in os.scandir(os.path.dirname(os.path.abspath(__file__)))]
print("ok")
