"""Virtual environments, prefixes and schemes, as tools look at them. Run by the interpreter that is tested; no network."""
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import unittest
import venv

PROBE = '''
import json, sys, sysconfig
print(json.dumps({
    "prefix": sys.prefix, "base": sys.base_prefix, "exec": sys.exec_prefix, "executable": sys.executable,
    "base_executable": sys._base_executable, "path": sys.path, "paths": sysconfig.get_paths(),
    "scheme": sysconfig.get_default_scheme(), "platform": sysconfig.get_platform(),
    "suffix": sysconfig.get_config_var("EXT_SUFFIX"), "soabi": sysconfig.get_config_var("SOABI"),
}))
'''


def clean(**more):
    """The environment of a child, without what would lead it elsewhere."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(('PYTHON', 'VIRTUAL_ENV', 'PROTOPY'))}
    return kept | more


def run(*command, **more):
    done = subprocess.run([os.fspath(part) for part in command], capture_output=True, text=True, env=clean(**more))
    if done.returncode:
        raise AssertionError(f'{command} gave {done.returncode}:\n{done.stdout}{done.stderr}')
    return done.stdout


def probe(python, **more):
    return json.loads(run(python, '-c', PROBE, **more))


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = os.path.realpath(tempfile.mkdtemp(prefix='drop-in '))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.env = os.path.join(self.folder, 'env')

    def make(self, *options, env=None, python=sys.executable):
        run(python, '-m', 'venv', *options, env or self.env)
        return os.path.join(env or self.env, 'bin', 'python')


class Environments(Case):
    def test_prefixes(self):
        seen = probe(self.make('--without-pip'))
        site = os.path.join(self.env, 'lib', 'python3.14', 'site-packages')
        self.assertEqual((seen['prefix'], seen['exec'], seen['base']), (self.env, self.env, sys.base_prefix))
        self.assertEqual(seen['executable'], os.path.join(self.env, 'bin', 'python'))
        self.assertEqual(os.path.realpath(seen['base_executable']), os.path.realpath(sys._base_executable))
        self.assertEqual((seen['paths']['purelib'], seen['paths']['platlib']), (site, site))
        self.assertIn(site, seen['path'])
        self.assertEqual(seen['paths']['scripts'], os.path.join(self.env, 'bin'))
        self.assertEqual(seen['scheme'], 'venv')

    def test_layout(self):
        self.make('--without-pip', '--prompt', 'it')
        names = set(os.listdir(os.path.join(self.env, 'bin')))
        self.assertLessEqual({'python', 'python3', 'python3.14', 'protopy', 'activate', 'activate.fish', 'activate.csh',
                              'Activate.ps1'}, names)
        self.assertEqual(os.readlink(os.path.join(self.env, 'lib64')), 'lib')
        self.assertTrue(os.path.isdir(os.path.join(self.env, 'include')))
        with open(os.path.join(self.env, 'pyvenv.cfg')) as stream:
            settings = dict(line.rstrip('\n').split(' = ', 1) for line in stream)
        self.assertEqual(settings['home'], os.path.dirname(sys._base_executable))
        self.assertEqual(settings['include-system-site-packages'], 'false')
        self.assertEqual(settings['prompt'], "'it'")
        self.assertEqual(settings['version'], '3.14.8')
        self.assertEqual(settings['implementation'], 'protopy')

    def test_every_name_runs(self):
        self.make('--without-pip')
        for name in ('python', 'python3', 'python3.14', 'protopy'):
            self.assertEqual(probe(os.path.join(self.env, 'bin', name))['prefix'], self.env, name)

    def test_copies(self):
        python = self.make('--without-pip', '--copies')
        self.assertFalse(os.path.islink(python))
        seen = probe(python)
        self.assertEqual((seen['prefix'], seen['base']), (self.env, sys.base_prefix))

    def test_moved(self):
        self.make('--without-pip')
        moved = os.path.join(self.folder, 'elsewhere')
        os.rename(self.env, moved)
        self.assertEqual(probe(os.path.join(moved, 'bin', 'python'))['prefix'], moved)

    def test_nested(self):
        python = self.make('--without-pip')
        inner = os.path.join(self.env, 'inner')
        seen = probe(self.make('--without-pip', env=inner, python=python))
        self.assertEqual((seen['prefix'], seen['base']), (inner, sys.base_prefix))

    def test_link_to_the_environments_python(self):
        link = os.path.join(self.folder, 'py')
        os.symlink(self.make('--without-pip'), link)
        # As with CPython: the path as called says where one is.
        self.assertEqual(probe(link)['prefix'], sys.base_prefix)

    def test_called_by_name(self):
        self.make('--without-pip')
        seen = json.loads(subprocess.run(['python', '-c', PROBE], capture_output=True, text=True, check=True,
                                         env=clean(PATH=os.path.join(self.env, 'bin'))).stdout)
        self.assertEqual(seen['prefix'], self.env)

    def test_system_site_packages(self):
        python = self.make('--without-pip', '--system-site-packages')
        base = os.path.join(sys.base_prefix, 'lib', 'python3.14', 'site-packages')
        listed = run(python, '-c', 'import site; print(*site.getsitepackages(), sep="\\n")').splitlines()
        self.assertIn(base, listed)

    def test_clear_and_upgrade(self):
        python = self.make('--without-pip')
        keep, gone = os.path.join(self.env, 'keep'), os.path.join(self.env, 'bin', 'python3')
        open(keep, 'w').close()
        os.remove(gone)
        self.make('--without-pip', '--upgrade')
        self.assertTrue(os.path.exists(keep) and os.path.exists(gone))
        self.make('--without-pip', '--clear')
        self.assertFalse(os.path.exists(keep))
        self.assertEqual(probe(python)['prefix'], self.env)

    def test_wrong_options(self):
        for options in (['--upgrade', '--clear', self.env], [], ['--what', self.env]):
            done = subprocess.run([sys.executable, '-m', 'venv', *options], capture_output=True, text=True, env=clean())
            self.assertNotEqual(done.returncode, 0)
            self.assertTrue(done.stderr)
        self.assertFalse(os.path.exists(self.env))

    def test_somebody_elses_settings_are_ignored(self):
        os.makedirs(os.path.join(self.env, 'bin'))
        with open(os.path.join(self.env, 'pyvenv.cfg'), 'w') as stream:
            stream.write('home = /nowhere/bin\n')
        link = os.path.join(self.env, 'bin', 'protopy')
        os.symlink(os.path.realpath(sys.executable), link)
        self.assertEqual(probe(link)['prefix'], sys.base_prefix)

    def test_pythonhome_and_pythonpath(self):
        python = self.make('--without-pip')
        seen = probe(python, PYTHONHOME=sys.base_prefix, PYTHONPATH=self.folder)
        self.assertEqual(seen['prefix'], sys.base_prefix)
        self.assertIn(self.folder, seen['path'])
        seen = json.loads(run(python, '-I', '-c', PROBE, PYTHONHOME='/nowhere', PYTHONPATH=self.folder))
        self.assertEqual(seen['prefix'], self.env)
        self.assertNotIn(self.folder, seen['path'])

    def test_builder_can_be_subclassed(self):
        seen = []

        class Builder(venv.EnvBuilder):
            def setup_scripts(self, context):
                super().setup_scripts(context)
                seen.append(os.path.isfile(os.path.join(context.bin_path, 'activate')))

            def post_setup(self, context):
                seen.append((context.env_exe, context.env_name, context.bin_name, context.lib_path))

        Builder(symlinks=True, prompt='p').create(self.env)
        exe = os.path.join(self.env, 'bin', os.path.basename(sys._base_executable))
        site = os.path.join(self.env, 'lib', 'python3.14', 'site-packages')
        self.assertEqual(seen, [True, (exe, 'env', 'bin', site)])


class Activation(Case):
    def shell(self, name, text):
        path = shutil.which(name)
        if path is None:
            self.skipTest(f'there is no {name}')
        return subprocess.run([path, '-c', text], capture_output=True, text=True, check=True, env=clean()).stdout.splitlines()

    def check(self, name, words):
        env = os.path.join(self.folder, "it's $HOME; \"x\" \\ !")
        run(sys.executable, '-m', 'venv', '--without-pip', env)
        script = os.path.join(self.folder, 'link')
        os.symlink(os.path.join(env, 'bin'), script)
        lines = self.shell(name, words.replace('SCRIPTS', shlex_quote(script)))
        self.assertEqual(lines[0], env)
        self.assertEqual(lines[1], os.path.join(env, 'bin', 'python'))
        self.assertEqual(lines[2], '')

    def test_sh(self):
        self.check('sh', '. SCRIPTS/activate; printf "%s\\n" "$VIRTUAL_ENV"; command -v python; deactivate; echo "$VIRTUAL_ENV"')

    def test_bash_with_strict_options(self):
        self.check('bash', 'set -euo pipefail; . SCRIPTS/activate; printf "%s\\n" "$VIRTUAL_ENV"; command -v python; '
                   'deactivate; echo "${VIRTUAL_ENV:-}"')

    def test_fish(self):
        self.check('fish', 'source SCRIPTS/activate.fish; echo $VIRTUAL_ENV; command -v python; deactivate; echo "$VIRTUAL_ENV"')

    def test_csh(self):
        # An alias counts from the next line on.
        self.check('csh', 'source SCRIPTS/activate.csh\nprintf "%s\\n" "$VIRTUAL_ENV:q"\nwhich python\ndeactivate\n'
                   'if ( $?VIRTUAL_ENV ) echo still\necho ""')


def shlex_quote(text):
    import shlex
    return shlex.quote(text)


class Pip(Case):
    def test_is_there_and_can_leave(self):
        python = self.make()
        version = run(python, '-m', 'pip', '--version')
        self.assertIn(self.env, version)
        for name in ('pip', 'pip3', 'pip3.14'):
            self.assertEqual(run(os.path.join(self.env, 'bin', name), '--version'), version)
        info = [name for name in os.listdir(os.path.join(self.env, 'lib/python3.14/site-packages'))]
        self.assertEqual(len([name for name in info if name.endswith('.dist-info')]), 1)

    def test_a_second_time_changes_nothing(self):
        python = self.make()
        self.make('--upgrade')
        self.assertIn('pip', run(python, '-m', 'pip', '--version'))

    def test_installs_a_wheel_with_a_command(self):
        python = self.make()
        wheel = make_wheel(self.folder)
        run(python, '-m', 'pip', 'install', '--quiet', '--no-index', wheel, PIP_CONFIG_FILE='/dev/null')
        self.assertEqual(run(os.path.join(self.env, 'bin', 'greet'), 'you'), 'hello you from protopy\n')
        run(python, '-m', 'pip', 'uninstall', '--quiet', '--yes', 'greet')
        left = [name for name in os.listdir(os.path.join(self.env, 'lib/python3.14/site-packages')) if 'greet' in name]
        self.assertEqual(left, [])
        self.assertFalse(os.path.exists(os.path.join(self.env, 'bin', 'greet')))


def make_wheel(folder):
    import zipfile
    files = {
        'greet.py': 'import sys\ndef main():\n    print("hello", sys.argv[1], "from", sys.implementation.name)\n',
        'greet-1.dist-info/METADATA': 'Metadata-Version: 2.1\nName: greet\nVersion: 1\n',
        'greet-1.dist-info/WHEEL': 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
        'greet-1.dist-info/entry_points.txt': '[console_scripts]\ngreet = greet:main\n',
    }
    files['greet-1.dist-info/RECORD'] = ''.join(f'{name},,\n' for name in [*files, 'greet-1.dist-info/RECORD'])
    path = os.path.join(folder, 'greet-1-py3-none-any.whl')
    with zipfile.ZipFile(path, 'w') as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


class Identity(Case):
    def test_what_tags_are_made_of(self):
        self.assertEqual(sys.implementation.name, 'protopy')
        self.assertEqual(sys.implementation.cache_tag, 'protopy-314')
        self.assertEqual(sysconfig.get_config_vars('EXT_SUFFIX', 'SOABI', 'Py_GIL_DISABLED', 'abi_thread', 'LIBPYTHON'),
                         ['.hpy0.so', 'hpy0', 1, '', ''])
        self.assertEqual(sys.abiflags, '')

    def test_pips_tags(self):
        python = self.make()
        tags = run(python, '-c', 'from pip._vendor.packaging.tags import sys_tags; print(*sys_tags())').split()
        self.assertTrue(tags[0].startswith('protopy314-hpy0-'), tags[0])
        self.assertIn('py3-none-any', tags)
        self.assertFalse([tag for tag in tags if tag.startswith('cp')])

    def test_personas(self):
        text = 'import platform, sys, sysconfig; print(platform.python_implementation(), sys.implementation.name, ' \
               'sysconfig.get_config_var("Py_GIL_DISABLED"))'
        self.assertEqual(run(sys.executable, '-c', text), 'CPython protopy 1\n')
        self.assertEqual(run(sys.executable, '-X', 'persona=honest', '-c', text), 'protopy protopy 1\n')
        self.assertEqual(run(sys.executable, '-I', '-c', text, PROTOPY_PERSONA='uv'), 'CPython pyston 0\n')

    def test_schemes(self):
        self.assertLessEqual({'posix_prefix', 'posix_home', 'posix_user', 'venv', 'posix_venv'}, set(sysconfig.get_scheme_names()))
        home = sys.base_prefix
        paths = sysconfig.get_paths('posix_prefix', vars={'base': home, 'platbase': home})
        self.assertEqual(paths['stdlib'], os.path.join(home, 'lib', 'python3.14'))
        self.assertEqual(paths['purelib'], os.path.join(home, 'lib', 'python3.14', 'site-packages'))
        user = sysconfig.get_paths('posix_user', vars={'userbase': '/u'})
        self.assertEqual(user['purelib'], '/u/lib/python3.14/site-packages')


class Programs(Case):
    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, 'w') as stream:
            stream.write(text)
        return path

    def test_first_lines_that_installers_write(self):
        python = self.make('--without-pip')
        path = self.write('tool', f'#!/bin/sh\n\'\'\'exec\' "{python}" "$0" "$@"\n\' \'\'\'\n'
                          'import sys\nprint(sys.prefix, *sys.argv[1:])\n')
        os.chmod(path, 0o755)
        self.assertEqual(run(path, 'a'), f'{self.env} a\n')

    def test_skipped_first_line(self):
        self.assertEqual(run(sys.executable, '-x', self.write('odd.py', 'not python ((\nprint(1)\n')), '1\n')

    def test_archives_and_folders(self):
        import zipapp
        folder = os.path.join(self.folder, 'app')
        os.mkdir(folder)
        self.write('app/__main__.py', 'import sys, helper; print(helper.NAME, sys.argv[1:])\n')
        self.write('app/helper.py', 'NAME = "app"\n')
        self.assertEqual(run(sys.executable, folder, 'x'), "app ['x']\n")
        archive = os.path.join(self.folder, 'app.pyz')
        zipapp.create_archive(folder, archive, interpreter=sys.executable)
        self.assertEqual(run(sys.executable, archive, 'x'), "app ['x']\n")

    def test_standard_input(self):
        done = subprocess.run([sys.executable, '-', 'a'], input='import sys; print(sys.argv)', text=True, capture_output=True)
        self.assertEqual(done.stdout, "['-', 'a']\n")

    def test_isolation(self):
        text = 'import sys; print(sys.flags.isolated, sys.flags.ignore_environment, sys.flags.no_user_site, sys.flags.safe_path)'
        self.assertEqual(run(sys.executable, '-I', '-c', text), '1 1 1 True\n')
        self.assertEqual(run(sys.executable, '-E', '-s', '-P', '-c', text), '0 1 1 True\n')
        self.assertEqual(run(sys.executable, '-S', '-c', 'import sys; print("site" in sys.modules)'), 'False\n')
        self.assertEqual(run(sys.executable, '-c', text, PYTHONSAFEPATH='1', PYTHONNOUSERSITE='1'), '0 0 1 True\n')

    def test_path_of_a_script(self):
        path = self.write('where.py', 'import sys; print(sys.path[0])\n')
        self.assertEqual(run(sys.executable, path), f'{self.folder}\n')
        self.assertNotEqual(run(sys.executable, '-P', path), f'{self.folder}\n')
        link = os.path.join(tempfile.mkdtemp(dir=self.folder), 'link.py')
        os.symlink(path, link)
        self.assertEqual(run(sys.executable, link), f'{self.folder}\n')


if __name__ == '__main__':
    unittest.main()
