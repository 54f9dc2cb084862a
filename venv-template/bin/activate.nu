# Makes this environment the shell's own: `overlay use bin/activate.nu` in Nushell. `deactivate` (or `overlay hide activate`) undoes it.

export-env {
    const folder = path self | path dirname | path dirname
    let name = __VENV_PROMPT__
    load-env {
        PATH: ($env.PATH | prepend ($folder | path join __VENV_BIN_NAME__))
        VIRTUAL_ENV: $folder
        VIRTUAL_ENV_PROMPT: $name
    }
    if not ($env.VIRTUAL_ENV_DISABLE_PROMPT? | default false | into bool) {
        let old = $env.PROMPT_COMMAND? | default ""
        load-env {
            PROMPT_COMMAND: {|| $"\(($name)) (if ($old | describe) == 'closure' { do $old } else { $old })" }
        }
    }
}

export alias deactivate = overlay hide activate
