# tool: uv
# tried: `uv venv --python protopy`, `uv pip install`, `uv run --with`
# needs: PROTOPY_PERSONA=uv
# version: "$TOOLS/uv" --version | cut -d' ' -f2
export UV_CACHE_DIR="$PWD/cache" UV_NO_PROGRESS=1 PROTOPY_PERSONA=uv
"$TOOLS/uv" venv --quiet --python "$PROTOPY" env
"$TOOLS/uv" pip install --quiet --python env/bin/python six flask
PROTOPY_PERSONA= env/bin/python -c 'import sys, six, flask; assert sys.implementation.name == "protopy" and sys.prefix.endswith("/env")'
"$PROTOPY" -m venv --without-pip made
"$TOOLS/uv" pip install --quiet --python made/bin/python rich
made/bin/python -c 'import rich'
"$TOOLS/uv" run --quiet --no-project --python "$PROTOPY" --with six python -c 'import six'
