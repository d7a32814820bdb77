package local

import (
	"context"
	"errors"
	"net"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/cause"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
)

// A TakenError says that another program listens on an address.
type TakenError struct {
	Addr string
	Free string // an address of the same host that nothing listens on
	err  error
}

func (e *TakenError) Error() string { return e.In(lang.Language{}) }

// In says the error in a language.
func (e *TakenError) In(l lang.Language) string {
	return l.Sprintf("%s is taken: another program listens there", e.Addr)
}

func (e *TakenError) Unwrap() error { return e.err }

// Listen listens on addr. The error is a [TakenError] if another program does so.
func Listen(ctx context.Context, addr string) (net.Listener, error) {
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		port = strings.TrimPrefix(addr, ":")
	}
	if _, bad := net.DefaultResolver.LookupPort(ctx, "tcp", port); err != nil || bad != nil {
		if bad != nil {
			port = "8686"
		}
		return nil, lang.Errorf("%s is not a host and a port; write one such as 127.0.0.1:%s", addr, port)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil && cause.IsTaken(err) {
		return nil, &TakenError{addr, freeBeside(ctx, addr), err}
	}
	return listener, err
}

// freeBeside returns the address with the next port that is free, or else with port 0,
// which stands for any.
func freeBeside(ctx context.Context, addr string) string {
	const tries = 20
	host, port, err := net.SplitHostPort(addr)
	n, bad := strconv.Atoi(port)
	if err != nil || bad != nil {
		return "127.0.0.1:0"
	}
	for i := n + 1; i <= n+tries && i <= 65535; i++ {
		free := net.JoinHostPort(host, strconv.Itoa(i))
		if listener, err := new(net.ListenConfig).Listen(ctx, "tcp", free); err == nil {
			listener.Close()
			return free
		}
	}
	return net.JoinHostPort(host, "0")
}

// SuggestFree completes an error about an address that is taken: with the command that
// was called, and a free address for its flag.
func SuggestFree(cmd *cobra.Command, flag string, err error) error {
	taken := (*TakenError)(nil)
	if !errors.As(err, &taken) {
		return err
	}
	return lang.Errorf("%w; another address is free:\n\n  %s", err, commandWith(cmd, flag, taken.Free))
}

// commandWith returns the command line of cmd, with another value of a flag, for a
// shell.
func commandWith(cmd *cobra.Command, flag, value string) string {
	words := []string{cmd.CommandPath()}
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if f.Name == flag {
			return
		}
		values := []string{f.Value.String()}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			values = list.GetSlice()
		}
		for _, v := range values {
			switch {
			case f.Value.Type() != "bool":
				words = append(words, "--"+f.Name, shellQuoted(v))
			case v == "true":
				words = append(words, "--"+f.Name)
			default:
				words = append(words, "--"+f.Name+"="+v)
			}
		}
	})
	return strings.Join(append(words, "--"+flag, shellQuoted(value)), " ")
}

// shellQuoted quotes a word that a shell would change.
func shellQuoted(word string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:,@%+="
	if word != "" && strings.Trim(word, plain) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
