# tool: nox
# tried: a session with `python=` set to the command
# version: "$TOOLS/nox" --version 2>&1
cat > noxfile.py <<'PY'
import os, nox

@nox.session(python=os.environ['PROTOPY'])
def tests(session):
    session.install('six')
    session.run('python', '-c', 'import six, sys; assert sys.implementation.name == "protopy"')
PY
"$TOOLS/nox" > out 2>&1 || { cat out; exit 1; }
