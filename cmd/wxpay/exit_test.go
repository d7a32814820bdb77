package main

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
		{new(wechatpay.Error), exitFailed},
		{errors.New("anything else"), exitFailed},
		{&fs.PathError{Op: "open", Path: "x", Err: syscall.ENOENT}, exitFailed},
		{context.Canceled, exitFailed},
		{misuse{errors.New("x")}, exitUsage},
		{exit{errors.New("x"), exitNetwork}, exitNetwork},
		{new(openapi.ValidationError), exitUsage},
		{wechatpay.ErrConfig, exitUsage},
		{wechatpay.ErrOption, exitUsage},
		{wechatpay.ErrTemplate, exitUsage},
		{lost, exitNetwork},
		{context.DeadlineExceeded, exitNetwork},
		{&net.DNSError{}, exitNetwork},
		{io.ErrUnexpectedEOF, exitNetwork},
		{wechatpay.ErrVerify, exitVerify},
		{new(wechatpay.VerifyError), exitVerify},
		{bill.ErrDamaged, exitVerify},
		{fmt.Errorf("%w: %w", bill.ErrDamaged, io.ErrUnexpectedEOF), exitNetwork},
		// What could not be verified is that first of all, whatever the reason.
		{errors.Join(wechatpay.ErrVerify, lost), exitVerify},
	} {
		if got := exitCode(fmt.Errorf("wrapped: %w", tt.err)); got != tt.want {
			t.Errorf("%T %[1]v: exit %d, want %d", tt.err, got, tt.want)
		}
	}
}
