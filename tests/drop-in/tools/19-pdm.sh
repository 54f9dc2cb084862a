# tool: pdm
# tried: `pdm use`, `pdm run` (locking needs sqlite3 in pdm's own Python)
# version: "$TOOLS/pdm" --version | sed 's/.* //'
project . demo
"$PROTOPY" -m venv --without-pip .venv
"$TOOLS/pdm" use -f .venv/bin/python > out 2>&1 || { cat out; exit 1; }
PDM_CHECK_UPDATE=0 "$TOOLS/pdm" run python -c 'import sys; assert sys.implementation.name == "protopy" and sys.prefix.endswith("/.venv")'
