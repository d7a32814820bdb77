package cli

import (
	"bytes"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
)

// completeBash makes the command for bash print a script that works without the
// package bash-completion too, and that completes words in quotes.
func completeBash(root, bash *cobra.Command) {
	bash.Short = "Print the completion script for bash"
	bash.Long = `bash prints a script with which bash completes the commands of wxpay. It needs no other
package; if the package bash-completion is there, it uses that.

For this session:

  source <(wxpay completion bash)

For each new session, with bash-completion:

  wxpay completion bash > ~/.local/share/bash-completion/completions/wxpay

and without it:

  echo 'source <(wxpay completion bash)' >> ~/.bashrc`
	bash.Example = `  source <(wxpay completion bash)
  wxpay completion bash --no-descriptions`
	bash.RunE = func(cmd *cobra.Command, _ []string) error {
		plain, err := cmd.Flags().GetBool("no-descriptions")
		if err != nil {
			return err
		}
		var script bytes.Buffer
		if err := root.GenBashCompletionV2(&script, !plain); err != nil {
			return err
		}
		text := script.String()
		for _, change := range bashChanges {
			if strings.Count(text, change.before) != 1 {
				return lang.Errorf("the script has changed and does not work without the package bash-completion")
			}
			text = strings.Replace(text, change.before, change.after, 1)
		}
		_, err = io.WriteString(cmd.OutOrStdout(), text)
		return err
	}
}

// bashChanges are what is different in the script here.
var bashChanges = [...]struct{ before, after string }{
	{bashWords, bashWordsAlone},

	// Complete a word whose quote is open: the program gets it with the quote closed, and
	// bash gets words as they stand in quotes.
	{`    # Use eval to handle any environment variables and such
`, `    __wxpay_open=
    if [[ ${cur} == [\'\"]* && ${cur:1} != *"${cur:0:1}"* ]]; then
        __wxpay_open=${cur:0:1}
        cur=${cur:1}
        requestComp+=${__wxpay_open}
    fi
    # Use eval to handle any environment variables and such
`},
	{`    37|42)
`, `    37|42)
        [[ -n ${__wxpay_open} ]] && return 0
`},
	{`    if [[ "${completions[*]}" != *$tab* ]]; then
`, `    if [[ -z ${__wxpay_open} && ${cur} != *\\* && "${completions[*]}" != *[$tab{]* ]]; then
`},

	// Escape words also if there are several: bash inserts what they have in common.
	{`        printf -v comp "%q" "${compline%%$tab*}" &>/dev/null || comp=$(printf "%q" "${compline%%$tab*}")
`, `        comp=${compline%%$tab*}
        if [[ -z ${__wxpay_open} ]]; then
            printf -v comp "%q" "${comp}" &>/dev/null || comp=$(printf "%q" "${comp}")
        fi
`},
	{`        COMPREPLY+=("$compline")
`, `        compline=${comp}${compline#"${compline%%$tab*}"}
        COMPREPLY+=("$compline")
`},
	{`        COMPREPLY[0]=$(printf "%q" "${COMPREPLY[0]%%$tab*}")
`, `        COMPREPLY[0]=${COMPREPLY[0]%%$tab*}
`},
}

// bashWords is the line of the script that needs the package bash-completion.
const bashWords = `    _get_comp_words_by_ref "$@" cur prev words cword
`

// bashWordsAlone does the same without it. Bash splits words at = and :, which belong
// to the words here, so it joins what no blank separates.
const bashWordsAlone = `    if declare -F _get_comp_words_by_ref >/dev/null 2>&1; then
        _get_comp_words_by_ref "$@" cur prev words cword
        return
    fi
    local i line=${COMP_LINE} word blanks
    words=()
    for ((i = 0; i < ${#COMP_WORDS[@]}; i++)); do
        word=${COMP_WORDS[i]}
        if [[ -n ${word} ]]; then
            blanks=${line%%"${word}"*}
        else
            blanks=${line}
        fi
        line=${line#"${blanks}${word}"}
        if ((i > 0)) && [[ -z ${blanks} ]]; then
            words[${#words[@]}-1]+=${word}
        else
            words+=("${word}")
        fi
        if ((i == COMP_CWORD)); then
            cword=$((${#words[@]} - 1))
        fi
    done
    cur=${words[cword]}
    prev=
    if ((cword > 0)); then
        prev=${words[cword-1]}
    fi
`
