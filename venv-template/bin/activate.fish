# Makes this environment the shell's own: `source bin/activate.fish` in fish. `deactivate` undoes it.

function deactivate -d "Leave the virtual environment"
    if set -q _OLD_VIRTUAL_PATH
        set -gx PATH $_OLD_VIRTUAL_PATH
        set -e _OLD_VIRTUAL_PATH
    end
    if set -q _OLD_VIRTUAL_PYTHONHOME
        set -gx PYTHONHOME $_OLD_VIRTUAL_PYTHONHOME
        set -e _OLD_VIRTUAL_PYTHONHOME
    end
    if functions -q _old_fish_prompt
        functions -e fish_prompt
        functions -c _old_fish_prompt fish_prompt
        functions -e _old_fish_prompt
        functions -e _virtual_env_status
    end
    set -e VIRTUAL_ENV
    set -e VIRTUAL_ENV_PROMPT
    if test "$argv[1]" != nondestructive
        functions -e deactivate
    end
end

# Whatever environment was active before is not any more.
deactivate nondestructive

set -gx VIRTUAL_ENV __VENV_DIR__
set -gx VIRTUAL_ENV_PROMPT __VENV_PROMPT__

set -gx _OLD_VIRTUAL_PATH $PATH
set -gx PATH "$VIRTUAL_ENV/"__VENV_BIN_NAME__ $PATH

# Another installation's home would win over the environment.
if set -q PYTHONHOME
    set -gx _OLD_VIRTUAL_PYTHONHOME $PYTHONHOME
    set -e PYTHONHOME
end

if test -z "$VIRTUAL_ENV_DISABLE_PROMPT"
    function _virtual_env_status
        return $argv[1]
    end
    # The prompt is a function: the old one is kept under another name and called by ours.
    functions -c fish_prompt _old_fish_prompt
    function fish_prompt
        set -l last_status $status
        printf "%s(%s)%s " (set_color 4B8BBE) $VIRTUAL_ENV_PROMPT (set_color normal)
        # The old prompt may show it.
        _virtual_env_status $last_status
        _old_fish_prompt
    end
end
