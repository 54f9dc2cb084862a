# tool: hatch
# tried: `hatch run` in an environment of protopy, `hatch build`
# version: "$TOOLS/hatch" --version | cut -d' ' -f3
project . demo
sed -i 's/requires = .*/requires = ["hatchling"]/; s/build-backend = .*/build-backend = "hatchling.build"/' pyproject.toml
cat >> pyproject.toml <<'TOML'
[tool.hatch.envs.default]
python = "PROTOPY"
installer = "pip"
TOML
sed -i "s|\"PROTOPY\"|\"$PROTOPY\"|" pyproject.toml
export HATCH_DATA_DIR="$PWD/data" HATCH_CACHE_DIR="$PWD/hatch-cache"
"$TOOLS/hatch" run python -c 'import sys, demo; assert sys.implementation.name == "protopy"' > out 2>&1 || { cat out; exit 1; }
"$TOOLS/hatch" run demo | grep -q 'demo protopy'
