# -X importtime and its variable: lines on stderr, nested by import.
import os
import re
import subprocess
import sys
import tempfile

with tempfile.TemporaryDirectory() as folder:
    for name, text in [("outer", "import middle, inner\n"), ("middle", "import inner\n"), ("inner", "")]:
        with open(os.path.join(folder, name + ".py"), "w") as file:
            file.write(text)

    def run(*arguments, **environment):
        done = subprocess.run(
            [sys.executable, *arguments, "-c", "import outer, inner"],
            env={**os.environ, "PYTHONPATH": folder, "PYTHONDONTWRITEBYTECODE": "1", **environment},
            capture_output=True,
            text=True,
        )
        lines = [re.sub(r"\d+", "N", line) for line in done.stderr.splitlines() if re.search("outer|middle|inner|Fatal", line)]
        print(done.returncode, *(re.sub(" *N", " N", line) for line in lines), sep="\n  ")

    run()
    run("-X", "importtime")
    run("-X", "importtime=2")
    run("-X", "importtime=yes")
    run("-X", "importtime=0", PYTHONPROFILEIMPORTTIME="1")
    run("-X", "importtime=3")
    run(PYTHONPROFILEIMPORTTIME="2")
    run("-E", PYTHONPROFILEIMPORTTIME="2")
