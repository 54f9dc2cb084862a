"""Makes this environment the shell's own: `source bin/activate.xsh` in xonsh. `deactivate` undoes it."""


def _protopy_activate():
    # Whatever environment was active before is not any more.
    if 'deactivate' in aliases:
        aliases['deactivate']([])
    old_path = list($PATH)
    old_home = __xonsh__.env.get('PYTHONHOME')
    $VIRTUAL_ENV = __VENV_DIR__
    $VIRTUAL_ENV_PROMPT = __VENV_PROMPT__
    $PATH.insert(0, $VIRTUAL_ENV + '/' + __VENV_BIN_NAME__)
    if old_home is not None:
        del $PYTHONHOME

    def deactivate(arguments):
        $PATH = old_path
        if old_home is not None:
            $PYTHONHOME = old_home
        del $VIRTUAL_ENV
        del $VIRTUAL_ENV_PROMPT
        del aliases['deactivate']

    aliases['deactivate'] = deactivate


_protopy_activate()
del _protopy_activate
