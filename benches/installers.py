"""Times installers against each other, in turns: the same packages into fresh environments, with an empty and with a filled cache.

    python3 installers.py --protopip PATH [--uv PATH] [--rounds 5] [PACKAGE...]
    python3 installers.py --venv protopy=PATH --venv cpython=PATH [--rounds 5]

Wall time in seconds, medians. Needs the package index for the first form; the index answers differ from run to run, so only figures of one
run compare. The environments belong to the Python that runs this program; pip is the one that it brings, and byte-compiles what it
installs, as it does by default.
"""
import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

PACKAGES = ('flask', 'requests', 'rich', 'pytest', 'sympy')


def timed(command, environment=None):
    started = time.perf_counter()
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    seconds = time.perf_counter() - started
    if done.returncode:
        sys.exit(f'{" ".join(map(str, command))}\n{done.stdout}')
    return seconds


def installers(options):
    """Name of an installer -> (its cache's variable, environment's Python -> command)."""
    table = {'pip': ('PIP_CACHE_DIR', lambda python: [python, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'])}
    table['protopip'] = ('PROTOPIP_CACHE_DIR', lambda python: [options.protopip, 'install', '--quiet', '--python', python])
    if options.uv:
        table['uv'] = ('UV_CACHE_DIR', lambda python: [options.uv, 'pip', 'install', '--quiet', '--python', python])
    return table


def install_times(options, scratch):
    table = installers(options)
    times = {(name, state): [] for name in table for state in ('cold', 'warm')}
    for number in range(options.rounds):
        for name, (variable, command) in table.items():
            cache = scratch / 'cache' / name
            shutil.rmtree(cache, ignore_errors=True)
            for state in ('cold', 'warm'):
                folder = scratch / 'environment'
                shutil.rmtree(folder, ignore_errors=True)
                # pip must be in the environment it installs into; the others need not be.
                subprocess.run([sys.executable, '-m', 'venv', *([] if name == 'pip' else ['--without-pip']), folder], check=True)
                environment = {**os.environ, variable: str(cache)}
                words = [*command(folder / 'bin' / 'python'), *(options.packages or PACKAGES)]
                times[name, state].append(timed(words, environment))
    return times


def venv_times(options, scratch):
    times = {}
    for number in range(options.rounds):
        for interpreter in options.venv:
            name, _, path = interpreter.partition('=')
            for words in (['--without-pip'], []):
                folder = scratch / 'environment'
                shutil.rmtree(folder, ignore_errors=True)
                key = name, 'without pip' if words else 'with pip'
                times.setdefault(key, []).append(timed([path, '-m', 'venv', *words, folder]))
    return times


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('--protopip')
    parser.add_argument('--uv')
    parser.add_argument('--venv', action='append', help='NAME=INTERPRETER')
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('packages', nargs='*')
    options = parser.parse_args()
    if not options.protopip and not options.venv:
        parser.error('--protopip or --venv is needed')
    with tempfile.TemporaryDirectory() as scratch:
        times = (venv_times if options.venv else install_times)(options, pathlib.Path(scratch))
    for (name, state), seconds in times.items():
        print(f'{name:10} {state:12} {statistics.median(seconds):7.3f}   {" ".join(f"{second:.2f}" for second in seconds)}')


if __name__ == '__main__':
    main()
