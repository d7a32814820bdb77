package lang

// versionTexts are what wxpay version prints.
func versionTexts() map[string]string {
	return map[string]string{
		"RSA by %s": "RSA 由 %s 实现",
		"RSA by %s, because %s cannot be used: %v": "RSA 由 %s 实现，因为不能使用 %s：%v",
		"SM suite: %s": "国密套件：%s",
	}
}

// versionHelp is the help of wxpay version.
func versionHelp() map[string]string {
	return map[string]string{
		"Print the version and the cryptography of this build": "打印版本和密码学实现",

		`version prints the version of wxpay, and which implementation does its RSA. A
build with OpenSSL says why if it cannot use OpenSSL on this machine. With --json it
also prints the commit, the version of Go, the system and the size of the catalogue.`: `version 打印 wxpay 的版本，以及由哪个实现完成 RSA 运算。使用 OpenSSL 的构建如
果在本机不能使用 OpenSSL，会说明原因。加上 --json 时，还打印提交、Go 版本、操
作系统和接口目录的大小。`,
	}
}
