# tool: build
# tried: `python -m build`: source package and wheel; both installed, the console script run
# version: env/bin/pip list --format=freeze | grep -e ^build= | cut -d= -f3
project . demo
"$PROTOPY" -m venv env
env/bin/python -m pip install --quiet build
env/bin/python -m build . > out 2>&1 || { cat out; exit 1; }
env/bin/python -m pip install --quiet dist/demo-1.0.tar.gz
test "$(env/bin/demo a b)" = "demo protopy ['a', 'b']"
env/bin/python -m pip install --quiet --force-reinstall --no-deps dist/demo-1.0-py3-none-any.whl
test "$(env/bin/demo)" = "demo protopy []"
env/bin/python -m pip install --quiet --no-deps --editable .
test "$(env/bin/demo)" = "demo protopy []"
