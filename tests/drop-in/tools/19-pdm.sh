# tool: pdm
# tried: `pdm use`, `pdm install`, `pdm run`
# version: "$TOOLS/pdm" --version | sed 's/.* //'
project . demo
"$PROTOPY" -m venv --without-pip .venv
"$TOOLS/pdm" use -q -f .venv/bin/python > out 2>&1 || { cat out; exit 1; }
PDM_CHECK_UPDATE=0 "$TOOLS/pdm" install -q > out 2>&1 || { cat out; exit 1; }
"$TOOLS/pdm" run python -c 'import sys, six; assert sys.implementation.name == "protopy"'
