package exit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"syscall"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/bill"
	"github.com/wxchain/wechatpay/openapi"
)

func TestExitCode(t *testing.T) {
	lost := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	for _, tt := range []struct {
		err  error
		want int
	}{
		{new(wechatpay.Error), Failed},
		{errors.New("anything else"), Failed},
		{&fs.PathError{Op: "open", Path: "x", Err: syscall.ENOENT}, Failed},
		{context.Canceled, Failed},
		{Misuse(errors.New("x")), Usage},
		{With(errors.New("x"), Network), Network},
		{new(openapi.ValidationError), Usage},
		{wechatpay.ErrConfig, Usage},
		{wechatpay.ErrOption, Usage},
		{wechatpay.ErrTemplate, Usage},
		{lost, Network},
		{context.DeadlineExceeded, Network},
		{&net.DNSError{}, Network},
		{io.ErrUnexpectedEOF, Network},
		{wechatpay.ErrVerify, Verify},
		{new(wechatpay.VerifyError), Verify},
		{bill.ErrDamaged, Verify},
		{fmt.Errorf("%w: %w", bill.ErrDamaged, io.ErrUnexpectedEOF), Network},
		// A verification failure takes precedence over its cause.
		{errors.Join(wechatpay.ErrVerify, lost), Verify},
	} {
		if got := Code(fmt.Errorf("wrapped: %w", tt.err)); got != tt.want {
			t.Errorf("%T %[1]v: exit %d, want %d", tt.err, got, tt.want)
		}
	}
}
