// The scripts of `pullproof complete`, by shell: each hands the words of the line over, and shows what comes back.

const bash = String.raw`# Completion of pullproof in bash 3.2 or newer; needs nothing besides.
_pullproof() {
  local rest=$COMP_LINE word line last=:none current value prefix i n=0
  local -a words=()
  # Bash splits words at = and : too. What no blank stands before goes on with the word before it.
  for ((i = 0; i <= COMP_CWORD; i++)); do
    word=${'$'}{COMP_WORDS[i]}
    if [[ $n -gt 0 && $rest != [[:space:]]* ]]; then
      words[n-1]+=$word
    else
      rest=${'$'}{rest#"${'$'}{rest%%[![:space:]]*}"}
      words[n]=$word
      n=$((n + 1))
    fi
    rest=${'$'}{rest#"$word"}
  done
  current=${'$'}{words[n-1]}
  current=${'$'}{current#[\'\"]}
  # What bash takes for a word begins after the last of these.
  prefix=
  [[ $COMP_WORDBREAKS == *=* && $current == *=* ]] && prefix=${'$'}{current%"${'$'}{current##*=}"}
  [[ $COMP_WORDBREAKS == *:* && $current == *:* ]] && {
    value=${'$'}{current%"${'$'}{current##*:}"}
    [[ ${'$'}{#value} -gt ${'$'}{#prefix} ]] && prefix=$value
  }
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == :* ]]; then last=$line; continue; fi
    value=${'$'}{line%%$'\t'*}
    COMPREPLY+=("${'$'}{value#"$prefix"}")
  done < <(command pullproof complete "--current=$current" -- "${'$'}{words[@]:1:n-2}" 2>/dev/null)
  value=$current
  [[ $current == --*=* ]] && value=${'$'}{current#*=}
  case $last in
    :files) i=-f ;;
    :folders) i=-d ;;
    *) return ;;
  esac
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen "$i" -- "$value")
  type compopt &>/dev/null && compopt -o filenames 2>/dev/null
}
complete -F _pullproof pullproof
`;

const zsh = String.raw`#compdef pullproof
# Completion of pullproof in zsh.
_pullproof() {
  local line last=:none value
  local -a values shown
  while IFS= read -r line; do
    if [[ $line == :* ]]; then last=$line; continue; fi
    value=${'$'}{line%%$'\t'*}
    values+=("$value")
    if [[ $line == *$'\t'?* ]]; then shown+=("$value  -- ${'$'}{line#*$'\t'}"); else shown+=("$value"); fi
  done < <(command pullproof complete "--current=${'$'}{(Q)PREFIX}" -- "${'$'}{(@Q)words[2,CURRENT-1]}" 2>/dev/null)
  (( $#values )) && compadd -l -d shown -a values
  case $last in
    :files) [[ $PREFIX == --*=* ]] && compset -P '*='; _files ;;
    :folders) [[ $PREFIX == --*=* ]] && compset -P '*='; _files -/ ;;
  esac
}
if [[ $funcstack[1] == _pullproof ]]; then _pullproof "$@"; else compdef _pullproof pullproof; fi
`;

const fish = String.raw`# Completion of pullproof in fish.
function __pullproof_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l lines (command pullproof complete "--current=$current" -- $words[2..-1] 2>/dev/null)
    for line in $lines
        string match -q ':*' -- $line; or printf '%s\n' $line
    end
    set -l prefix (string match -r -- '^--[^=]*=' "$current")
    set -l value (string replace -r -- '^--[^=]*=' '' "$current")
    switch "$lines[-1]"
        case :files
            __fish_complete_path "$value" | string replace -r '^' -- "$prefix"
        case :folders
            __fish_complete_directories "$value" | string replace -r '^' -- "$prefix"
    end
end
complete -c pullproof -f -a '(__pullproof_complete)'
`;

const powershell = String.raw`# Completion of pullproof in PowerShell 5.1 or newer.
Register-ArgumentCompleter -Native -CommandName pullproof -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
        ForEach-Object { if ($null -ne $_.Value) { [string]$_.Value } else { $_.Extent.Text } })
    # Quoted: of a script, as npm makes one of every program on Windows, PowerShell takes a bare -- for itself.
    $lines = @(& pullproof complete "--current=$wordToComplete" '--' @words 2>$null)
    foreach ($line in $lines) {
        if ($line.StartsWith(':')) { continue }
        $word, $told = $line -split [char]9, 2
        if (-not $told) { $told = $word }
        $typed = if ($word -match '[\s;]') { "'" + $word.Replace("'", "''") + "'" } else { $word }
        [System.Management.Automation.CompletionResult]::new($typed, $word, 'ParameterValue', $told)
    }
}
`;

export const completionScripts: Readonly<Record<string, string>> = { bash, zsh, fish, powershell };
