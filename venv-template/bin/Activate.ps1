<#
.SYNOPSIS
Makes this environment the session's own.

.DESCRIPTION
Puts the environment's folder of commands in front of PATH, sets VIRTUAL_ENV and shows the environment in the prompt. The function
`deactivate` undoes it.

.PARAMETER VenvDir
The environment's folder; by default the one above this script.

.PARAMETER Prompt
What the prompt shows; by default what `pyvenv.cfg` says, else the folder's name.
#>
Param(
    [Parameter(Mandatory = $false)] [String] $VenvDir,
    [Parameter(Mandatory = $false)] [String] $Prompt
)

function global:deactivate ([switch] $NonDestructive) {
    if (Test-Path -Path Function:_OLD_VIRTUAL_PROMPT) {
        Copy-Item -Path Function:_OLD_VIRTUAL_PROMPT -Destination Function:prompt
        Remove-Item -Path Function:_OLD_VIRTUAL_PROMPT
    }
    foreach ($name in 'PYTHONHOME', 'PATH') {
        if (Test-Path -Path "Env:_OLD_VIRTUAL_$name") {
            Copy-Item -Path "Env:_OLD_VIRTUAL_$name" -Destination "Env:$name"
            Remove-Item -Path "Env:_OLD_VIRTUAL_$name"
        }
    }
    foreach ($name in 'VIRTUAL_ENV', 'VIRTUAL_ENV_PROMPT') {
        if (Test-Path -Path "Env:$name") {
            Remove-Item -Path "Env:$name"
        }
    }
    if (-not $NonDestructive) {
        Remove-Item -Path Function:deactivate
    }
}

# The value of a key of `pyvenv.cfg`, without quotes; nothing if there is none.
function local:Get-VenvSetting ([String] $Folder, [String] $Key) {
    $file = Join-Path -Path $Folder -ChildPath 'pyvenv.cfg'
    if (-not (Test-Path -Path $file)) {
        return
    }
    foreach ($line in Get-Content -Path $file -Encoding UTF8) {
        $name, $value = $line -split '\s*=\s*', 2
        if ($name -eq $Key -and $value) {
            return $value.Trim('"''')
        }
    }
}

$commands = Split-Path -Parent $MyInvocation.MyCommand.Path
if (-not $VenvDir) {
    $VenvDir = Split-Path -Parent $commands
}
if (-not $Prompt) {
    $Prompt = Get-VenvSetting $VenvDir 'prompt'
}
if (-not $Prompt) {
    $Prompt = Split-Path -Leaf $VenvDir
}

# Whatever environment was active before is not any more.
deactivate -NonDestructive

$env:VIRTUAL_ENV = $VenvDir
$env:VIRTUAL_ENV_PROMPT = $Prompt

if (-not $env:VIRTUAL_ENV_DISABLE_PROMPT) {
    function global:_OLD_VIRTUAL_PROMPT { '' }
    Copy-Item -Path Function:prompt -Destination Function:_OLD_VIRTUAL_PROMPT
    function global:prompt {
        Write-Host -NoNewline -ForegroundColor Green "($env:VIRTUAL_ENV_PROMPT) "
        _OLD_VIRTUAL_PROMPT
    }
}

# Another installation's home would win over the environment.
if (Test-Path -Path Env:PYTHONHOME) {
    Copy-Item -Path Env:PYTHONHOME -Destination Env:_OLD_VIRTUAL_PYTHONHOME
    Remove-Item -Path Env:PYTHONHOME
}

Copy-Item -Path Env:PATH -Destination Env:_OLD_VIRTUAL_PATH
$env:PATH = "$commands$([System.IO.Path]::PathSeparator)$env:PATH"
