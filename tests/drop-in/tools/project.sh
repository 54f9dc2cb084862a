# Shell functions for the scripts beside it.

# project FOLDER NAME: a small package with a dependency, a command and a test.
project() {
    mkdir -p "$1/src/$2" "$1/tests"
    cat > "$1/pyproject.toml" <<TOML
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "$2"
version = "1.0"
dependencies = ["six"]
requires-python = ">=3.14"
[project.scripts]
$2 = "$2:main"
TOML
    cat > "$1/src/$2/__init__.py" <<PY
import sys

def main():
    print('$2', sys.implementation.name, sys.argv[1:])
PY
    cat > "$1/tests/test_it.py" <<PY
import $2

def test(capsys):
    $2.main()
    assert 'protopy' in capsys.readouterr().out
PY
}
