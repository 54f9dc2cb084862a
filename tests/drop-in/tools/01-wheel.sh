# tool: pip (host)
# tried: `pip install` of the wheel into an environment, `--user`, `--target`, `--prefix`; moved; linked; uninstalled
# version: "$HOST" -m pip --version | cut -d' ' -f2
check() {
    "$1" -c 'import sys, json, venv; print(sys.prefix); assert sys.prefix.endswith("share/protopython"), sys.prefix'
    "$1" -m venv --without-pip "$2" && "$2/bin/python" -c 'import sys; assert sys.prefix != sys.base_prefix'
    rm -r "$2"
}
"$HOST" -m venv env
find env ! -type d | sort > before
env/bin/python -m pip install --quiet --no-index "$WHEEL"
check env/bin/protopy v
env/bin/python -m protopython -c 'import sys; assert sys.implementation.name == "protopy"'
env/bin/protopyc x.py && exit 1 || test $? = 2
# Nothing of the library was compiled by the host.
! find env/share | grep -e '\.cpython-'
ln -s "$PWD/env/bin/protopy" linked && check ./linked v
env/bin/python -m pip uninstall --quiet --yes protopython
# The host's own tools leave caches of themselves behind.
find env ! -type d | sort | grep -v __pycache__ > after
grep -v __pycache__ before | diff - after
test ! -e env/share/protopython
HOME=$PWD/home "$HOST" -m pip install --quiet --user --no-index --break-system-packages "$WHEEL" 2>/dev/null \
    || HOME=$PWD/home "$HOST" -m pip install --quiet --user --no-index "$WHEEL"
check home/.local/bin/protopy v
"$HOST" -m pip install --quiet --target target --no-index "$WHEEL"
check target/bin/protopy v
"$HOST" -m pip install --quiet --prefix prefix --no-index --ignore-installed "$WHEEL"
mv prefix moved
check moved/bin/protopy v
