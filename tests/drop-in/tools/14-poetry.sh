# tool: poetry
# tried: `poetry env use`, `poetry run`
# version: "$TOOLS/poetry" --version | cut -d' ' -f3 | tr -d ')'
project . demo
export POETRY_VIRTUALENVS_IN_PROJECT=true POETRY_CACHE_DIR="$PWD/cache"
"$TOOLS/poetry" env use "$PROTOPY" > out 2>&1 || { cat out; exit 1; }
"$TOOLS/poetry" run python -c 'import sys; assert sys.implementation.name == "protopy"'
