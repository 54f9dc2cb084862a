# Makes this environment the shell's own: `source bin/activate.csh` in csh or tcsh. `deactivate` undoes it.

# Whatever environment was active before is not any more.
if ( $?VIRTUAL_ENV && $?_OLD_VIRTUAL_PATH ) then
    deactivate
endif

setenv VIRTUAL_ENV __VENV_DIR__
setenv VIRTUAL_ENV_PROMPT __VENV_PROMPT__

set _OLD_VIRTUAL_PATH = "$PATH:q"
setenv PATH "$VIRTUAL_ENV:q/"__VENV_BIN_NAME__":$PATH:q"

# `prompt` is there in interactive shells only.
alias _leave_virtual_prompt true
if ( ! $?VIRTUAL_ENV_DISABLE_PROMPT && $?prompt ) then
    set _OLD_VIRTUAL_PROMPT = "$prompt:q"
    set prompt = "($VIRTUAL_ENV_PROMPT:q) $prompt:q"
    alias _leave_virtual_prompt 'set prompt = "$_OLD_VIRTUAL_PROMPT:q"; unset _OLD_VIRTUAL_PROMPT'
endif

alias deactivate 'setenv PATH "$_OLD_VIRTUAL_PATH:q"; unset _OLD_VIRTUAL_PATH; _leave_virtual_prompt; unalias _leave_virtual_prompt; unsetenv VIRTUAL_ENV; unsetenv VIRTUAL_ENV_PROMPT; unalias deactivate; rehash'

rehash
