// The scripts of `pullproof complete`, by shell: each hands the words of the line over, and shows what comes back.

const bash = String.raw`# Completion of pullproof in bash 3.2 or newer; needs nothing besides.
_pullproof() {
  local rest=${'$'}{COMP_LINE:0:COMP_POINT} word line last=:none raw current kept value flag option n=0 operator= target=
  local -a words=() earlier=()
  # Bash splits words at = and : too. What no blank stands before goes on with the word before it, up to the cursor.
  for word in "${'$'}{COMP_WORDS[@]:0:COMP_CWORD+1}"; do
    if [[ $n -gt 0 && -z $operator && $rest != [[:space:]]* && ! $word =~ ^[\<\>] ]]; then
      words[n-1]+=${'$'}{word:0:${'$'}{#rest}}
    else
      rest=${'$'}{rest#"${'$'}{rest%%[![:space:]]*}"}
      words[n]=${'$'}{word:0:${'$'}{#rest}}
      n=$((n + 1))
      operator=
      [[ $word =~ ^[\<\>] ]] && operator=$word
    fi
    rest=${'$'}{rest:${'$'}{#word}}
  done
  # Where output goes to is no word of the program; it gets none of its quotes.
  for word in "${'$'}{words[@]:1:n-2}"; do
    if [[ -n $target ]]; then target=
    elif [[ $word =~ ^[\<\>] ]]; then target=$word
    else earlier+=("${'$'}{word//[\"\'\\]/}")
    fi
  done
  raw=${'$'}{words[n-1]}
  current=${'$'}{raw//[\"\'\\]/}
  # What bash takes for the word, and replaces, is the second argument: the end of ours.
  value=${'$'}{2//[\"\'\\]/}
  kept=${'$'}{current%"$value"}
  COMPREPLY=()
  if [[ -n $target ]]; then
    last=:files
  else
    while IFS= read -r line; do
      if [[ $line == :* ]]; then last=$line; continue; fi
      value=${'$'}{line%%$'\t'*}
      COMPREPLY+=("${'$'}{value#"$kept"}")
    done < <(command pullproof complete "--current=$current" -- "${'$'}{earlier[@]}" 2>/dev/null)
  fi
  case $last in
    :files) option=-f ;;
    :folders) option=-d ;;
    *) return ;;
  esac
  flag=
  [[ $current == --*=* ]] && { flag=${'$'}{current%%=*}=; raw=${'$'}{raw#*=}; }
  while IFS= read -r line; do
    line=$flag$line
    COMPREPLY+=("${'$'}{line#"$kept"}")
  done < <(compgen "$option" -- "${'$'}{raw#[\"\']}")
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
    set -l token (commandline -ct)
    set -l current (string unescape -- "$token")
    set -l lines (command pullproof complete "--current=$current" -- $words[2..-1] 2>/dev/null)
    for line in $lines
        string match -q ':*' -- $line; or printf '%s\n' $line
    end
    # Of a command that it knows nothing of, fish completes the paths; it reads quotes, and what stands before =.
    switch "$lines[-1]"
        case :files
            complete -C"'' $token"
        case :folders
            complete -C"'' $token" | string match -r '.*/$'
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
