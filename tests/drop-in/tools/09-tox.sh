# tool: tox
# tried: an environment by `base_python`, the package built and installed, its tests run
# version: "$TOOLS/tox" --version | cut -d' ' -f1
project . demo
cat > tox.ini <<'INI'
[tox]
env_list = x
[testenv]
deps = pytest
commands = pytest -q tests
INI
"$TOOLS/tox" -q -e x --override "testenv.base_python=$PROTOPY"
