package lang

// systemTexts are the errors of files and of the network.
func systemTexts() map[string]string {
	return map[string]string{
		"%s does not exist; check the path":                                                "%s 不存在；请检查路径",
		"the folder of %s does not exist; create it, or choose another path":               "%s 所在的目录不存在；请创建该目录，或换一个路径",
		"%s is a folder; name a file":                                                      "%s 是目录；请指定文件",
		"%s leads through a file, or is a file, where a folder must be; check the path":    "%s 中应为目录的地方是文件；请检查路径",
		"there is no permission to use %s; change its permissions, or choose another path": "没有权限使用 %s；请修改权限，或换一个路径",
		"%s exists already; choose another path":                                           "%s 已存在；请换一个路径",
		"no space is left for %s; free some space":                                         "磁盘空间不足，无法写入 %s；请清理空间",
		"%s is on a read-only file system; choose another path":                            "%s 所在的文件系统是只读的；请换一个路径",
		"%q is not an address; correct it":                                                 "%q 不是有效的地址；请改正",
		"%s is taken by another program; choose another address":                           "%s 已被另一个程序占用；请换一个地址",
		"%s is not an address of this machine; choose another address":                     "%s 不是本机的地址；请换一个地址",
		"there is no permission to use %s; choose a port over 1024":                        "没有权限使用 %s；请换一个大于 1024 的端口",
		"nothing listens on %s; check the address, or start the program there":             "%s 上没有程序在监听；请检查地址，或先启动那里的程序",
		"there is no way to %s; check the address and the network":                         "无法到达 %s；请检查地址和网络",
		"%s closed the connection":                                                         "%s 关闭了连接",
		"%s does not answer in time; check the address, the network and the firewall":      "%s 未及时应答；请检查地址、网络和防火墙",
		"there is no host %s; check the name, and the DNS of this machine":                 "没有主机 %s；请检查主机名和本机的 DNS",
		"the DNS did not find %s in time; check the network and the DNS of this machine":   "解析主机名 %s 超时；请检查网络和本机的 DNS",
		"the DNS could not find %s; check the network and the DNS of this machine":         "无法解析主机名 %s；请检查网络和本机的 DNS",
		"the server does not speak TLS; if it speaks HTTP, write http://":                  "服务器不支持 TLS；如果它使用 HTTP，请写 http://",
		"the certificate of the server is not accepted: %v":                                "服务器的证书未通过验证：%v",
		"this machine does not trust its issuer":                                           "本机不信任它的颁发者",
		"it is not for %s":                                                                 "它不属于 %s",
		"it has expired, or is not valid yet; check the clock of this machine too":         "它已过期或尚未生效；也请检查本机的时钟",
		"there is no answer in time":                                                       "超时，没有应答",
		"the data ends too soon":                                                           "数据提前结束",
		"the file or a folder of its path does not exist":                                  "文件或其所在目录不存在",
		"there is no permission":                                                           "没有权限",
		"no space is left":                                                                 "磁盘空间不足",
		"it is not a folder":                                                               "它不是目录",
		"it is a folder":                                                                   "它是目录",
	}
}
