# tool: pip (inside)
# tried: `-m venv`, `python -m pip install` from the index, list, show, check, uninstall
# version: "$PROTOPY" -m ensurepip --version | cut -d' ' -f2
"$PROTOPY" -m venv env
env/bin/python -m pip install --quiet six
env/bin/python -c 'import six'
env/bin/pip list --format=json | grep -q '"six"'
env/bin/pip show six | grep -q 'Name: six'
env/bin/pip check
env/bin/pip uninstall --quiet --yes six
! env/bin/python -c 'import six' 2>/dev/null
env/bin/pip debug --verbose 2>/dev/null | grep -q protopy314-hpy0-
