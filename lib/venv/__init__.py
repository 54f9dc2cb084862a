"""Virtual environments (PEP 405).

Why it exists: environments of this runtime come from the template of its installation (`venv-template` in the home), have the
runtime's own commands beside `python`, and get pip by unpacking the bundled wheel. `EnvBuilder` has the methods that programs
override in the standard library's class. What a plain `python -m venv` does not need is not imported.
"""
import os
import sys

__all__ = ['EnvBuilder', 'create', 'main']

CORE_VENV_DEPS = ('pip',)

_BIN = 'bin'
_LIBRARY = f'lib/python{sys.version_info[0]}.{sys.version_info[1]}'


def __getattr__(name):
    # Names that programs take from (or replace in) this module.
    if name in ('logging', 'shutil', 'subprocess', 'sysconfig', 'types', 'shlex'):
        import importlib
        module = globals()[name] = importlib.import_module(name)
        return module
    if name == 'logger':
        import logging
        globals()['logger'] = logging.getLogger(__name__)
        return globals()['logger']
    raise AttributeError(f'module {__name__!r} has no attribute {name!r}')


def _warn(message, *args):
    __getattr__('logger').warning(message, *args)


class EnvBuilder:
    """Makes virtual environments; override methods to make them differently.

    :param system_site_packages: the environment sees the packages of the Python that it is made from
    :param clear: empty the folder first if it exists
    :param symlinks: link executables rather than copy them
    :param upgrade: bring an existing environment to this Python
    :param with_pip: put pip into it
    :param prompt: what the activated shell shows instead of the folder's name
    :param upgrade_deps: bring pip to its newest version from the package index
    :param scm_ignore_files: names of version control systems that get an ignore file
    """

    def __init__(self, system_site_packages=False, clear=False,
                 symlinks=False, upgrade=False, with_pip=False, prompt=None,
                 upgrade_deps=False, *, scm_ignore_files=frozenset()):
        self.system_site_packages = system_site_packages
        self.clear = clear
        self.symlinks = symlinks
        self.upgrade = upgrade
        self.with_pip = with_pip
        self.orig_prompt = prompt
        if prompt == '.':
            prompt = os.path.basename(os.getcwd())
        self.prompt = prompt
        self.upgrade_deps = upgrade_deps
        self.scm_ignore_files = frozenset(map(str.lower, scm_ignore_files))

    def create(self, env_dir):
        """Make an environment in a folder."""
        context = self.ensure_directories(os.path.abspath(env_dir))
        for system in self.scm_ignore_files:
            getattr(self, f'create_{system}_ignore_file')(context)
        # While pip is put in, packages of the base must not count as installed.
        wanted, self.system_site_packages = self.system_site_packages, False
        try:
            self.create_configuration(context)
            self.setup_python(context)
            if self.with_pip:
                self._setup_pip(context)
            if not self.upgrade:
                self.setup_scripts(context)
                self.post_setup(context)
        finally:
            self.system_site_packages = wanted
        if wanted:
            self.create_configuration(context)
        if self.upgrade_deps:
            self.upgrade_dependencies(context)

    def clear_directory(self, path):
        """Remove what is in a folder."""
        for entry in os.scandir(path):
            if entry.is_dir(follow_symlinks=False):
                import shutil
                shutil.rmtree(entry.path)
            else:
                os.remove(entry.path)

    def _venv_path(self, env_dir, name):
        sysconfig = sys.modules.get('sysconfig')
        if sysconfig is None:
            # What the scheme says, without importing it.
            return os.path.join(env_dir, {'scripts': _BIN, 'purelib': f'{_LIBRARY}/site-packages'}[name])
        return sysconfig.get_path(name, scheme='venv', vars={'base': env_dir, 'platbase': env_dir})

    @classmethod
    def _same_path(cls, path1, path2):
        """Whether a reader sees the same path."""
        return path1 == path2

    def ensure_directories(self, env_dir):
        """Make the folders; gives the context, which the other methods pass on."""
        env_dir = os.fspath(env_dir)
        if os.pathsep in env_dir:
            raise ValueError(f'Refusing to create a venv in {env_dir} because '
                             f'it contains the PATH separator {os.pathsep}.')
        if self.clear and os.path.exists(env_dir):
            self.clear_directory(env_dir)
        executable = sys._base_executable
        if not executable:
            raise ValueError('Unable to determine path to the running '
                             'Python interpreter. Provide an explicit path or '
                             'check that your PATH environment variable is '
                             'correctly set.')
        context = type(sys.implementation)()
        context.env_dir = env_dir
        context.env_name = os.path.basename(env_dir)
        context.prompt = context.env_name if self.prompt is None else self.prompt
        context.executable = executable
        context.python_dir, context.python_exe = os.path.split(os.path.abspath(executable))
        context.inc_path = os.path.join(env_dir, 'include')
        context.lib_path = self._venv_path(env_dir, 'purelib')
        context.bin_path = self._venv_path(env_dir, 'scripts')
        context.bin_name = os.path.relpath(context.bin_path, env_dir)
        for folder in (env_dir, context.inc_path, context.lib_path, context.bin_path):
            if os.path.islink(folder) or os.path.isfile(folder):
                if folder != env_dir or not os.path.isdir(folder):
                    raise ValueError('Unable to create directory %r' % folder)
            os.makedirs(folder, exist_ok=True)
        link = os.path.join(env_dir, 'lib64')
        if sys.maxsize > 2**32 and sys.platform != 'darwin' and not os.path.exists(link):
            os.symlink('lib', link)
        context.env_exe = os.path.join(context.bin_path, context.python_exe)
        context.env_exec_cmd = context.env_exe
        return context

    def create_configuration(self, context):
        """Write `pyvenv.cfg`: whole or not at all."""
        context.cfg_path = os.path.join(context.env_dir, 'pyvenv.cfg')
        lines = [
            f'home = {context.python_dir}',
            f'include-system-site-packages = {str(bool(self.system_site_packages)).lower()}',
            'version = %d.%d.%d' % sys.version_info[:3],
        ]
        if self.prompt is not None:
            lines.append(f'prompt = {self.prompt!r}')
        lines += [
            f'executable = {os.path.realpath(sys.executable)}',
            f'command = {sys.executable} -m venv {" ".join(self._options(context))}',
            # Keys that other makers of environments write, for tools that read those.
            'implementation = protopy',
            'version_info = ' + '.'.join(map(str, sys.version_info)),
            f'base-prefix = {sys.base_prefix}',
            f'base-exec-prefix = {sys.base_exec_prefix}',
            f'base-executable = {context.executable}',
        ]
        partial = f'{context.cfg_path}.{os.getpid()}'
        _write(partial, ''.join(f'{line}\n' for line in lines).encode('utf-8', 'surrogateescape'))
        os.replace(partial, context.cfg_path)

    def _options(self, context):
        options = [
            (not self.symlinks, '--copies'),
            (not self.with_pip, '--without-pip'),
            (self.system_site_packages, '--system-site-packages'),
            (self.clear, '--clear'),
            (self.upgrade, '--upgrade'),
            (self.upgrade_deps, '--upgrade-deps'),
            (self.orig_prompt is not None, f'--prompt="{self.orig_prompt}"'),
            (not self.scm_ignore_files, '--without-scm-ignore-files'),
        ]
        return [text for wanted, text in options if wanted] + [context.env_dir]

    def symlink_or_copy(self, src, dst, relative_symlinks_ok=False):
        """Link a file, or copy it if links are not wanted or not possible."""
        if self.symlinks:
            try:
                if not os.path.islink(dst):
                    if relative_symlinks_ok:
                        assert os.path.dirname(src) == os.path.dirname(dst)
                        src_text = os.path.basename(src)
                    else:
                        src_text = src
                    os.symlink(src_text, dst)
                return
            except OSError:
                _warn('Unable to symlink %r to %r', src, dst)
        import shutil
        shutil.copyfile(src, dst)

    def create_git_ignore_file(self, context):
        """Make git leave the whole folder alone."""
        _write(os.path.join(context.env_dir, '.gitignore'),
               b'# Created by venv; see https://docs.python.org/3/library/venv.html\n*\n')

    def setup_python(self, context):
        """Put the commands into the environment: `python` and its names, and the runtime's own."""
        python = os.path.join(context.bin_path, 'python')
        source = context.executable
        if self.upgrade and os.path.islink(python) and os.readlink(python) != source:
            os.remove(python)
        self._put(source, python)
        names = ['python3', f'python3.{sys.version_info[1]}', context.python_exe, 'protopy']
        if sys.version_info[:2] == (3, 14) and sys.getfilesystemencoding() == 'utf-8':
            names.append('𝜋thon')
        for name in dict.fromkeys(names):
            path = os.path.join(context.bin_path, name)
            if name != 'python' and not os.path.exists(path):
                self._put(python, path, beside=True)
        folders = dict.fromkeys((context.python_dir, os.path.dirname(os.path.realpath(source))))
        for name in ('protopyc', 'protopip'):
            path = os.path.join(context.bin_path, name)
            for folder in folders:
                command = os.path.join(folder, name)
                if os.path.isfile(command) and not os.path.exists(path):
                    self._put(command, path)

    def _put(self, source, path, beside=False):
        if os.path.exists(path) and os.path.samefile(source, path):
            return
        if not self.symlinks and beside:
            # One copy under several names.
            try:
                os.link(source, path)
                return
            except OSError:
                pass
        self.symlink_or_copy(source, path, relative_symlinks_ok=beside)
        if not os.path.islink(path):
            os.chmod(path, 0o755)

    def _call_new_python(self, context, *py_args, **kwargs):
        """Run the environment's Python, where no variable leads to other packages."""
        import subprocess
        env = os.environ.copy()
        env['VIRTUAL_ENV'] = context.env_dir
        env.pop('PYTHONHOME', None)
        env.pop('PYTHONPATH', None)
        subprocess.check_output([context.env_exec_cmd, *py_args], env=env, cwd=context.env_dir,
                                executable=context.env_exec_cmd, **kwargs)

    def _setup_pip(self, context):
        """Put pip into the environment, or bring an older one up to date."""
        from ensurepip import _direct
        if _direct.has_pip(context.lib_path):
            import subprocess
            self._call_new_python(context, '-m', 'ensurepip', '--upgrade', '--default-pip', stderr=subprocess.STDOUT)
        else:
            _direct.install(context.lib_path, context.bin_path, os.path.join(context.bin_path, 'python'))

    def setup_scripts(self, context):
        """Put the activation scripts and what else the template has into the environment."""
        template = os.path.join(sys.base_prefix, 'venv-template')
        for folder, _, names in _walk(template):
            target = os.path.join(context.env_dir, os.path.relpath(folder, template))
            if os.path.basename(folder) == _BIN:
                target = context.bin_path
            for name in names:
                self._install(context, os.path.join(folder, name), os.path.join(target, name))

    def post_setup(self, context):
        """For what else an environment should have; override it."""

    def replace_variables(self, text, context):
        """Fill in the names that a script of the template asks for, quoted for its shell."""
        quote = _quoting_for(getattr(context, 'script_path', ''))
        for name, value in (
            ('__VENV_DIR__', context.env_dir),
            ('__VENV_NAME__', context.env_name),
            ('__VENV_PROMPT__', context.prompt),
            ('__VENV_BIN_NAME__', context.bin_name),
            ('__VENV_PYTHON__', context.env_exe),
        ):
            if name in text:
                text = text.replace(name, quote(value))
        return text

    def install_scripts(self, context, path):
        """Put the scripts of `path` into the environment: those in `common`, and those in the folder of this kind of system."""
        path = os.path.abspath(path)
        for folder, folders, names in _walk(path):
            if folder == path:
                folders[:] = [name for name in folders if name in ('common', os.name)]
                continue
            below = os.path.relpath(folder, path).split(os.sep)[1:]
            target = os.path.join(context.bin_path, *below)
            os.makedirs(target, exist_ok=True)
            for name in names:
                self._install(context, os.path.join(folder, name), os.path.join(target, name))

    def _install(self, context, source, target):
        with open(source, 'rb') as stream:
            data = stream.read()
        context.script_path = source
        if b'__VENV_' in data:
            try:
                data = self.replace_variables(data.decode(), context).encode('utf-8', 'surrogateescape')
            except UnicodeError as error:
                _warn('unable to copy script %r, may be binary: %s', source, error)
                return
        _write(target, data, os.stat(source).st_mode & 0o777)

    def upgrade_dependencies(self, context):
        __getattr__('logger').debug(f'Upgrading {CORE_VENV_DEPS} packages in {context.bin_path}')
        self._call_new_python(context, '-m', 'pip', 'install', '--upgrade', *CORE_VENV_DEPS)


def _write(path, data, mode=0o666):
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
    try:
        while data:
            data = data[os.write(descriptor, data):]
    finally:
        os.close(descriptor)


def _walk(top):
    """`os.walk` for small trees."""
    folders, files = [], []
    for entry in os.scandir(top):
        (folders if entry.is_dir() else files).append(entry.name)
    yield top, folders, files
    for name in folders:
        yield from _walk(os.path.join(top, name))


def _quoting_for(script):
    """How the shell that reads the script takes a text as it is."""
    ending = os.path.splitext(script)[1]
    if ending == '.ps1':
        return lambda text: "'" + text.replace("'", "''") + "'"
    if ending == '.fish':
        return lambda text: "'" + text.replace('\\', '\\\\').replace("'", "\\'") + "'"
    if ending == '.csh':
        # History is looked for even between quotes.
        return lambda text: _quote(text).replace('!', '\\!')
    if ending == '.nu':
        return lambda text: '"' + text.replace('\\', '\\\\').replace('"', '\\"') + '"'
    if ending in ('.xsh', '.py'):
        return repr
    return _quote


_PLAIN = frozenset('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%_-+=:,./')


def _quote(text):
    """`shlex.quote`, without the import."""
    if text and _PLAIN.issuperset(text):
        return text
    return "'" + text.replace("'", "'\"'\"'") + "'"


def create(env_dir, system_site_packages=False, clear=False,
           symlinks=False, with_pip=False, prompt=None, upgrade_deps=False,
           *, scm_ignore_files=frozenset()):
    """Make an environment in a folder."""
    EnvBuilder(system_site_packages=system_site_packages, clear=clear, symlinks=symlinks, with_pip=with_pip,
               prompt=prompt, upgrade_deps=upgrade_deps, scm_ignore_files=scm_ignore_files).create(env_dir)


# Option: the builder's argument, its value, and what is said about it.
_OPTIONS = {
    '--system-site-packages': ('system_site_packages', True, 'see the packages of the Python that the environment is made from'),
    '--symlinks': ('symlinks', True, 'link executables (the default)'),
    '--copies': ('symlinks', False, 'copy executables'),
    '--clear': ('clear', True, 'empty the folder first if it exists'),
    '--upgrade': ('upgrade', True, 'bring an existing environment to this Python'),
    '--without-pip': ('with_pip', False, 'leave pip out'),
    '--upgrade-deps': ('upgrade_deps', True, f'bring {", ".join(CORE_VENV_DEPS)} to the newest version from the package index'),
    '--without-scm-ignore-files': ('scm_ignore_files', frozenset(), 'write no ignore file for git'),
}


def _defaults():
    return {'symlinks': True, 'with_pip': True, 'prompt': None, 'scm_ignore_files': frozenset(['git'])}


def _parse_plain(args):
    """Folders and settings of a command line that is written out and right; None for any other."""
    settings, folders, given = _defaults(), [], set()
    rest = iter(args)
    for word in rest:
        if word in _OPTIONS:
            name, value, _ = _OPTIONS[word]
            settings[name] = value
            given.add(word)
        elif word == '--prompt' or word.startswith('--prompt='):
            _, has_value, value = word.partition('=')
            if not has_value:
                value = next(rest, '-')
                if value.startswith('-'):
                    return None
            settings['prompt'] = value
        elif word.startswith('-') or not word:
            return None
        else:
            folders.append(word)
    if not folders or {'--symlinks', '--copies'} <= given:
        return None
    return folders, settings


def _parse(args):
    import argparse
    parser = argparse.ArgumentParser(
        prog='venv' if args is not None else None, color=True,
        description='Makes virtual Python environments in one or more folders.',
        epilog='Activate one by its scripts, `. ENV_DIR/bin/activate` for example, or call ENV_DIR/bin/python.')
    parser.add_argument('dirs', metavar='ENV_DIR', nargs='+', help='folder to make an environment in')
    parser.add_argument('--prompt', help='what the activated shell shows instead of the name of the folder')
    kinds = parser.add_mutually_exclusive_group()
    for option, (name, value, text) in _OPTIONS.items():
        group = kinds if name == 'symlinks' else parser
        group.add_argument(option, dest=name, action='store_const', const=value, help=text)
    parser.set_defaults(**{name: False for name, _, _ in _OPTIONS.values()} | _defaults())
    settings = vars(parser.parse_args(args))
    return settings.pop('dirs'), settings


def main(args=None):
    folders, settings = _parse_plain(sys.argv[1:] if args is None else args) or _parse(args)
    if settings.get('upgrade') and settings.get('clear'):
        raise ValueError('you cannot supply --upgrade and --clear together.')
    builder = EnvBuilder(**settings)
    for folder in folders:
        builder.create(folder)


if __name__ == '__main__':
    rc = 1
    try:
        main()
        rc = 0
    except Exception as e:
        print('Error: %s' % e, file=sys.stderr)
    sys.exit(rc)
