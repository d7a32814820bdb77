package lang_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
)

// Errors of files and of the network are said in Chinese, with what to do, whatever wraps
// them. English says them as the errors themselves do.
func TestSystemErrorsInChinese(t *testing.T) {
	dial := func(err error) error {
		return &net.OpError{Op: "dial", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 80}, Err: err}
	}
	errno := func(err error) error { return dial(os.NewSyscallError("connect", err)) }
	_, absent := os.Open(filepath.Join("absent", "file"))
	_, folder := os.ReadFile(".")
	for want, err := range map[string]error{
		"absent/file 不存在；请检查路径":                 absent,
		". 是目录；请指定文件":                           folder,
		"a/b 中应为目录的地方是文件；请检查路径":                 &fs.PathError{Op: "mkdir", Path: "a/b", Err: syscall.ENOTDIR},
		"没有权限使用 a；请修改权限，或换一个路径":                 &fs.PathError{Op: "open", Path: "a", Err: fs.ErrPermission},
		"a/b 所在的目录不存在；请创建该目录，或换一个路径":            &fs.PathError{Op: "create", Path: "a/b", Err: fs.ErrNotExist},
		"c/d 所在的目录不存在；请创建该目录，或换一个路径":            &fs.PathError{Op: "mkdir", Path: "c/d", Err: syscall.ENOENT},
		"b 已存在；请换一个路径":                          &os.LinkError{Op: "link", Old: "a", New: "b", Err: fs.ErrExist},
		"磁盘空间不足，无法写入 a；请清理空间":                   &fs.PathError{Op: "write", Path: "a", Err: syscall.ENOSPC},
		"192.0.2.1:80 上没有程序在监听；请检查地址，或先启动那里的程序": errno(syscall.ECONNREFUSED),
		"无法到达 192.0.2.1:80；请检查地址和网络":            errno(syscall.EHOSTUNREACH),
		"192.0.2.1:80 未及时应答；请检查地址、网络和防火墙":       dial(os.ErrDeadlineExceeded),
		"192.0.2.1:80 关闭了连接":                    errno(syscall.ECONNRESET),
		"192.0.2.1:80 不是本机的地址；请换一个地址":           errno(syscall.EADDRNOTAVAIL),
		"192.0.2.1:80 已被另一个程序占用；请换一个地址":         errno(syscall.EADDRINUSE),
		"没有权限使用 192.0.2.1:80；请换一个大于 1024 的端口":   errno(syscall.EACCES),
		"没有主机 shop.invalid；请检查主机名和本机的 DNS":      &net.DNSError{Err: "no such host", Name: "shop.invalid", IsNotFound: true},
		"解析主机名 shop.test 超时；请检查网络和本机的 DNS":      &net.DNSError{Err: "i/o timeout", Name: "shop.test", IsTimeout: true},
		"无法解析主机名 shop.test；请检查网络和本机的 DNS":       &net.DNSError{Err: "server misbehaving", Name: "shop.test"},
		`"99999" 不是有效的地址；请改正`:                   &net.AddrError{Err: "invalid port", Addr: "99999"},
		"服务器不支持 TLS；如果它使用 HTTP，请写 http://":      tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"},
		"服务器的证书未通过验证：本机不信任它的颁发者":                &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}},
		"服务器的证书未通过验证：它不属于 a.test":               &tls.CertificateVerificationError{Err: x509.HostnameError{Certificate: new(x509.Certificate), Host: "a.test"}},
		"服务器的证书未通过验证：它已过期或尚未生效；也请检查本机的时钟":       &tls.CertificateVerificationError{Err: x509.CertificateInvalidError{Cert: new(x509.Certificate), Reason: x509.Expired}},
		"超时，没有应答":     context.DeadlineExceeded,
		"已中断":         context.Canceled,
		"数据提前结束":      io.ErrUnexpectedEOF,
		"文件或其所在目录不存在": syscall.ENOENT,
	} {
		if got := lang.Chinese().Error(err); got != want {
			t.Errorf("%v: %q, want %q", err, got, want)
		}
		wrapped := lang.Errorf("%s: %w", "a", fmt.Errorf("wechatpay: GET v3/x: %w", err))
		if got := lang.Chinese().Error(wrapped); got != "a：wechatpay: GET v3/x: "+want {
			t.Errorf("wrapped, %v is %q", err, got)
		}
		if got := (lang.Language{}).Error(err); got != err.Error() {
			t.Errorf("in English %v is %q", err, got)
		}
	}
}

// What a real server and a real port say is said in Chinese as well.
func TestRealNetworkErrorsInChinese(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := listener.Addr().String()
	if _, err := net.Listen("tcp", addr); err == nil || lang.Chinese().Error(err) != addr+" 已被另一个程序占用；请换一个地址" {
		t.Error(lang.Chinese().Error(err))
	}
	listener.Close()
	english := regexp.MustCompile(`[a-z]{3,} [a-z]{3,}`)
	for _, target := range []string{"http://" + addr, "http://127.0.0.1:99999/"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = http.DefaultTransport.RoundTrip(req)
		if err == nil || english.MatchString(lang.Chinese().Error(errors.Join(err))) {
			t.Errorf("%s: %v", target, lang.Chinese().Error(err))
		}
	}
}
