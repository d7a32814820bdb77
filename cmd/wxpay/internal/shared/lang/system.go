package lang

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"syscall"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/cause"
	"github.com/wxchain/wechatpay/openapi"
)

// systemText returns what an error of the operating system, the network or the catalogue
// says, with what it wraps. It returns nil for other errors. English has the text of the error
// itself, which programs search for.
func systemText(err error) Text {
	switch err := err.(type) {
	case *fs.PathError:
		if (err.Op == "create" || err.Op == "mkdir") && errors.Is(err, fs.ErrNotExist) {
			return Sprintf("the folder of %s does not exist; create it, or choose another path", err.Path)
		}
		return fileText(err.Path, err.Err)
	case *os.LinkError:
		return fileText(err.New, err.Err)
	case *net.OpError:
		return networkText(err)
	case *net.DNSError:
		return nameText(err)
	case *net.AddrError:
		return Sprintf("%q is not an address; correct it", err.Addr)
	case *openapi.ValidationError:
		return problemsText(err)
	}
	if said := certificateText(err); said != nil {
		return said
	}
	return bareText(err)
}

// fileText says why a file could not be used.
func fileText(path string, err error) Text {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Sprintf("%s does not exist; check the path", path)
	case errors.Is(err, syscall.EISDIR):
		return Sprintf("%s is a folder; name a file", path)
	case errors.Is(err, syscall.ENOTDIR):
		return Sprintf("%s leads through a file, or is a file, where a folder must be; check the path", path)
	case errors.Is(err, fs.ErrPermission):
		return Sprintf("there is no permission to use %s; change its permissions, or choose another path", path)
	case errors.Is(err, fs.ErrExist):
		return Sprintf("%s exists already; choose another path", path)
	case errors.Is(err, syscall.ENOSPC):
		return Sprintf("no space is left for %s; free some space", path)
	case errors.Is(err, syscall.EROFS):
		return Sprintf("%s is on a read-only file system; choose another path", path)
	}
	return nil
}

// networkText says why an address could not be reached, or listened on.
func networkText(err *net.OpError) Text {
	if err.Addr == nil { // the address itself is wrong
		return systemText(err.Err)
	}
	switch addr := err.Addr; {
	case cause.IsTaken(err):
		return Sprintf("%s is taken by another program; choose another address", addr)
	case cause.IsElsewhere(err):
		return Sprintf("%s is not an address of this machine; choose another address", addr)
	case errors.Is(err, fs.ErrPermission):
		return Sprintf("there is no permission to use %s; choose a port over 1024", addr)
	case cause.IsRefused(err):
		return Sprintf("nothing listens on %s; check the address, or start the program there", addr)
	case cause.IsUnreachable(err):
		return Sprintf("there is no way to %s; check the address and the network", addr)
	case cause.IsCut(err):
		return Sprintf("%s closed the connection", addr)
	case err.Timeout():
		return Sprintf("%s does not answer in time; check the address, the network and the firewall", addr)
	}
	return nil
}

// nameText says why the name of a host has no address.
func nameText(err *net.DNSError) Text {
	switch {
	case err.IsNotFound:
		return Sprintf("there is no host %s; check the name, and the DNS of this machine", err.Name)
	case err.IsTimeout:
		return Sprintf("the DNS did not find %s in time; check the network and the DNS of this machine", err.Name)
	}
	return Sprintf("the DNS could not find %s; check the network and the DNS of this machine", err.Name)
}

// certificateText says what is wrong with the TLS of a server.
func certificateText(err error) Text {
	switch err := err.(type) {
	case tls.RecordHeaderError:
		return Phrase("the server does not speak TLS; if it speaks HTTP, write http://")
	case *tls.CertificateVerificationError:
		return Sprintf("the certificate of the server is not accepted: %v", err.Err)
	case x509.UnknownAuthorityError:
		return Phrase("this machine does not trust its issuer")
	case x509.HostnameError:
		return Sprintf("it is not for %s", err.Host)
	case x509.CertificateInvalidError:
		if err.Reason == x509.Expired {
			return Phrase("it has expired, or is not valid yet; check the clock of this machine too")
		}
	}
	return nil
}

// bareText says an error that has no name of a file or an address.
func bareText(err error) Text {
	switch err {
	case http.ErrSchemeMismatch:
		return Phrase("the server does not speak TLS; if it speaks HTTP, write http://")
	case context.DeadlineExceeded, os.ErrDeadlineExceeded:
		return Phrase("there is no answer in time")
	case context.Canceled:
		return Phrase("interrupted")
	case io.EOF, io.ErrUnexpectedEOF:
		return Phrase("the data ends too soon")
	case syscall.ENOENT:
		return Phrase("the file or a folder of its path does not exist")
	case syscall.EACCES, syscall.EPERM:
		return Phrase("there is no permission")
	case syscall.ENOSPC:
		return Phrase("no space is left")
	case syscall.ENOTDIR:
		return Phrase("it is not a folder")
	case syscall.EISDIR:
		return Phrase("it is a folder")
	}
	return nil
}
