# tool: debugpy
# tried: import, `--version`
# version: env/bin/pip list --format=freeze | grep -e ^debugpy= | cut -d= -f3
"$PROTOPY" -m venv env
env/bin/python -m pip install --quiet debugpy
env/bin/python -m debugpy --version
env/bin/python -c 'import debugpy; debugpy.listen(0)'
