# Variables whose value counts, and options that win over variables.
import os
import subprocess
import sys


def ask(expression, *options, **variables):
    variables = {name: value for name, value in variables.items()}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    code = f"import sys; print({expression})"
    done = subprocess.run([sys.executable, *options, "-c", code], env=environment | variables, capture_output=True, text=True)
    print(options, variables, done.stdout.strip())


for name, flag in (
    ("PYTHONDEBUG", "debug"),
    ("PYTHONOPTIMIZE", "optimize"),
    ("PYTHONDONTWRITEBYTECODE", "dont_write_bytecode"),
    ("PYTHONNOUSERSITE", "no_user_site"),
    ("PYTHONSAFEPATH", "safe_path"),
):
    for value in ("", "0", "1", "2", "text"):
        ask("sys.flags." + flag, **{name: value})
for value in ("", "0", "text"):
    ask("sys.stdout.line_buffering, sys.stdout.write_through", PYTHONUNBUFFERED=value)
ask("sys.pycache_prefix", PYTHONPYCACHEPREFIX="a")
for option in ("pycache_prefix", "pycache_prefix=", "pycache_prefix=b"):
    ask("sys.pycache_prefix", "-X", option, PYTHONPYCACHEPREFIX="a")
ask("sys.flags.hash_randomization", PYTHONHASHSEED="0")
ask("sys.flags.hash_randomization", "-R", PYTHONHASHSEED="0")
