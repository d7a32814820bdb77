package lang

// completionHelp is the help of wxpay completion.
func completionHelp() map[string]string {
	return map[string]string{
		"Print a completion script for a shell": "打印 shell 的补全脚本",
		`completion prints a script for a shell. With the script, the shell completes
commands, the templates of calls and the names of their fields. The help of each
shell's command says where to put the script.`: `completion 打印某种 shell 的补全脚本。有了脚本，shell 就能补全命令、接口模板和
字段名。脚本放在哪里，见各个 shell 子命令的帮助。`,

		"Print the completion script for bash": "打印 bash 的补全脚本",
		`bash prints a script with which bash completes the commands of wxpay. It needs no other
package; if the package bash-completion is there, it uses that.`: `bash 打印让 bash 补全 wxpay 命令的脚本。它不依赖其他软件包；如果安装了
bash-completion，就会使用它。`,
		"For this session:":                           "在当前会话中启用：",
		"For each new session, with bash-completion:": "在所有新会话中启用，有 bash-completion 时：",
		"and without it:":                             "没有时：",
		"disable completion descriptions":             "不显示补全项的说明",

		"Generate the autocompletion script for fish":                       "生成 fish 的补全脚本",
		"Generate the autocompletion script for the fish shell.":            "生成 fish 的补全脚本。",
		"To load completions in your current shell session:":                "在当前的 shell 会话中启用补全：",
		"To load completions for every new session, execute once:":          "在所有新会话中启用补全，只需执行一次：",
		"You will need to start a new shell for this setup to take effect.": "启动新的 shell 后生效。",

		"Generate the autocompletion script for powershell":  "生成 powershell 的补全脚本",
		"Generate the autocompletion script for powershell.": "生成 powershell 的补全脚本。",
		`To load completions for every new session, add the output of the above command
to your powershell profile.`: "要在所有新会话中启用补全，把上面命令的输出加入 powershell 的配置文件。",

		"Generate the autocompletion script for zsh":            "生成 zsh 的补全脚本",
		"Generate the autocompletion script for the zsh shell.": "生成 zsh 的补全脚本。",
		`If shell completion is not already enabled in your environment you will need
to enable it.  You can execute the following once:`: "如果你的环境还没有启用 shell 补全，需要先启用，只需执行一次：",
	}
}
