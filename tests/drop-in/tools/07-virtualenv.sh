# tool: virtualenv
# tried: `virtualenv -p protopy`, pip in it, `--system-site-packages`
# version: "$TOOLS/virtualenv" --version | cut -d' ' -f2
"$TOOLS/virtualenv" --quiet -p "$PROTOPY" env
env/bin/python -c 'import sys; assert sys.implementation.name == "protopy" and sys.prefix.endswith("/env")'
env/bin/pip install --quiet six
env/bin/python -c 'import six'
PATH=$(dirname "$PROTOPY"):$PATH "$TOOLS/virtualenv" --quiet -p protopy --system-site-packages other
other/bin/python -c 'import sys; assert sys.prefix.endswith("/other")'
