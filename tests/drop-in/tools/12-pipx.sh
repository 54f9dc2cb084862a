# tool: pipx
# tried: `pipx install --python protopy` with pip, `pipx run` with uv
# needs: PROTOPY_PERSONA=uv for its uv backend
# version: "$TOOLS/pipx" --version
export PIPX_HOME="$PWD/home" PIPX_BIN_DIR="$PWD/bin" UV_CACHE_DIR="$PWD/cache"
"$TOOLS/pipx" install --backend pip --python "$PROTOPY" cowsay > out 2>&1 || { cat out; exit 1; }
bin/cowsay -t hello | grep -q hello
PROTOPY_PERSONA=uv "$TOOLS/pipx" run --python "$PROTOPY" cowsay -t hi > out 2>&1 || { cat out; exit 1; }
grep -q hi out
