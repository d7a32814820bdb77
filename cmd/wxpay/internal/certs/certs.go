// Package certs is wxpay certs, which downloads the certificates of the platform.
package certs

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/build"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/cli"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
	"github.com/wxchain/wechatpay/internal/wholefile"
	"github.com/wxchain/wechatpay/keys"
)

// options are the flags of wxpay certs.
type options struct{ dir string }

// New returns the command wxpay certs.
func New(b *build.Build) *cobra.Command {
	s := settings.Settings{Build: b}
	var o options
	cmd := &cobra.Command{
		Use:   "certs",
		Short: "Download the platform's certificates",
		Long: `certs downloads the certificates that the platform signs with into a folder. It
writes each valid certificate to a file named by its serial number, with the
suffix .pem, and prints each certificate with the days it is still valid.

` + settings.Help + `

A merchant that has only the platform public key has no certificates and does not
need any.`,
		Example: "  wxpay certs --dir platform",
		Args:    cli.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return o.run(cmd.Context(), &s, cmd.OutOrStdout())
		},
	}
	s.Bind(cmd)
	cmd.Flags().StringVar(&o.dir, "dir", ".", "folder for the certificates; created if it does not exist")
	return cmd
}

// run downloads the certificates into the folder and prints a line for each.
func (o options) run(ctx context.Context, s *settings.Settings, out io.Writer) error {
	if err := s.Load(); err != nil {
		return err
	}
	config, err := s.Downloader()
	if err != nil {
		return err
	}
	d, err := keys.NewDownloader(ctx, config)
	if err != nil {
		return exit.Misuse(err)
	}
	certs, err := d.Certificates(ctx)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(o.dir, 0o755); err != nil {
		return err
	}
	table := term.NewTable(out)
	for _, cert := range certs {
		path, err := writeCert(o.dir, cert)
		if err != nil {
			return err
		}
		lang.From(ctx).Fprintf(table, "%s\tfrom %s\tto %s\t(%d days left)\n", path,
			cert.NotBefore.UTC().Format(time.DateOnly), cert.NotAfter.UTC().Format(time.DateOnly), int(time.Until(cert.NotAfter).Hours()/24))
	}
	return table.Flush()
}

// writeCert writes a certificate atomically and returns its path.
func writeCert(dir string, cert *x509.Certificate) (path string, err error) {
	serialNo, err := keys.SerialNo(cert)
	if err != nil {
		return "", err
	}
	path = filepath.Join(dir, serialNo+".pem")
	f, err := wholefile.Create(path)
	if err != nil {
		return "", err
	}
	defer f.Discard()
	if err := pem.Encode(f, &pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw}); err != nil {
		return "", err
	}
	if err := f.Chmod(0o644); err != nil {
		return "", err
	}
	return path, f.Commit()
}
