"""Puts the bundled pip into an environment by unpacking its wheel.

Why it exists: running pip to install pip costs more than all the rest of making an environment. The result is what pip would have
left behind: the files, its commands, and a RECORD by which pip can uninstall itself.
"""
import binascii
import os
import sys
import zlib

from _imp import _read_zip_directory

_COMMAND = '''\
import sys
from pip._internal.cli.main import main

if __name__ == '__main__':
    sys.exit(main())
'''


def has_pip(site_packages):
    """Whether a pip is installed there."""
    try:
        names = os.listdir(site_packages)
    except FileNotFoundError:
        return False
    return any(name == 'pip' or name.startswith('pip-') for name in names)


def bundled_wheel():
    """The path of the wheel."""
    folder = os.path.join(sys._stdlib_dir, 'ensurepip', '_bundled')
    names = [name for name in os.listdir(folder) if name.startswith('pip-') and name.endswith('.whl')]
    return os.path.join(folder, max(names))


def install(site_packages, scripts, python):
    """Unpack pip; its commands run `python`."""
    archive = bundled_wheel()
    directory = _read_zip_directory(archive)
    if directory is None:
        raise OSError(f'{archive} is no plain archive')
    made = {site_packages}
    with open(archive, 'rb', buffering=0) as stream:
        data = stream.read()
    record_name = None
    for name, entry in directory.items():
        if entry is None or name.endswith('/'):
            continue
        if name.startswith('/') or '..' in name.split('/'):
            raise OSError(f'{archive} holds {name!r}')
        _, compression, packed, _, offset, _, _, crc = entry
        # The local header has lengths of its own for the name and the extra field.
        start = offset + 30 + int.from_bytes(data[offset + 26:offset + 28], 'little') \
            + int.from_bytes(data[offset + 28:offset + 30], 'little')
        content = data[start:start + packed]
        if compression:
            content = zlib.decompress(content, -15)
        if binascii.crc32(content) != crc:
            raise OSError(f'{archive} is damaged: {name}')
        if name.endswith('.dist-info/RECORD'):
            record_name, record = name, content
            continue
        path = os.path.join(site_packages, name)
        folder = os.path.dirname(path)
        if folder not in made:
            os.makedirs(folder, exist_ok=True)
            made.add(folder)
        _write(path, content, 0o644)
    info = os.path.dirname(record_name)
    rows = [row for row in record.decode().splitlines() if not row.startswith(record_name)]
    for name, content in ((f'{info}/INSTALLER', b'pip\n'), (f'{info}/REQUESTED', b'')):
        _write(os.path.join(site_packages, name), content, 0o644)
        rows.append(_row(name, content))
    version = f'{sys.version_info[0]}.{sys.version_info[1]}'
    for command in ('pip', f'pip{sys.version_info[0]}', f'pip{version}'):
        path = os.path.join(scripts, command)
        content = (_first_line(python) + _COMMAND).encode('utf-8', 'surrogateescape')
        _write(path, content, 0o755)
        rows.append(_row(os.path.relpath(path, site_packages), content))
    rows.append(f'{record_name},,')
    _write(os.path.join(site_packages, record_name), ('\n'.join(rows) + '\n').encode(), 0o644)


def _row(name, content):
    """A line of RECORD."""
    from _sha2 import sha256
    digest = binascii.b2a_base64(sha256(content).digest(), newline=False).decode()
    digest = digest.rstrip('=').replace('+', '-').replace('/', '_')
    if ',' in name or '"' in name:
        name = '"' + name.replace('"', '""') + '"'
    return f'{name},sha256={digest},{len(content)}'


def _first_line(python):
    """The line that names the interpreter; systems take no spaces and no long paths there."""
    if ' ' not in python and len(os.fsencode(python)) < 125:
        return f'#!{python}\n'
    quoted = python.replace('\\', '\\\\').replace('"', '\\"').replace('$', '\\$').replace('`', '\\`')
    return f'#!/bin/sh\n\'\'\'exec\' "{quoted}" "$0" "$@"\n\' \'\'\'\n'


def _write(path, content, mode):
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
    try:
        while content:
            content = content[os.write(descriptor, content):]
    finally:
        os.close(descriptor)
