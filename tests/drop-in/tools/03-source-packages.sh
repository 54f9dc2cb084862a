# tool: pip, source packages
# tried: build isolation with setuptools: markupsafe and pyyaml from source, without a C compiler for CPython's API
# version: env/bin/pip --version | cut -d' ' -f2
"$PROTOPY" -m venv env
env/bin/python -m pip install --quiet --no-cache-dir --no-binary :all: markupsafe
env/bin/python -m pip install --quiet --no-cache-dir pyyaml
env/bin/python -c 'import markupsafe, yaml; assert markupsafe.escape("<") == "&lt;"; assert yaml.safe_load("[1, {a: b}]") == [1, {"a": "b"}]'
