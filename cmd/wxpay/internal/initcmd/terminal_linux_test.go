package initcmd

import (
	"testing"

	"golang.org/x/sys/unix"
)

// From the first question to the last answer the terminal shows nothing by itself: a
// secret may be typed or pasted while a message about a wrong answer is printed.
func TestInitEchoesNothing(t *testing.T) {
	inSandbox(t)
	k := start(t, "--no-doctor", "--private-key", "apiclient_key.pem", "--certificate", "apiclient_cert.pem",
		"--platform-public-key-id", publicKeyID, "--platform-public-key", "pub_key.pem")
	echoes := func() bool {
		t.Helper()
		state, err := unix.IoctlGetTermios(int(k.terminal.Fd()), unix.TCGETS)
		if err != nil {
			t.Fatal(err)
		}
		return state.Lflag&unix.ECHO != 0
	}
	k.expect("wxpay.toml lacks")
	for _, answer := range []struct{ question, text, wrong string }{
		{"Merchant's number", "wxd678efh567hg6787", "mchid: "},
		{"Merchant's number", "1900000109", ""},
		{"APIv3 key", "too short", "apiv3_key: "},
		{"(not shown)", "abcdefghijklmnopqrstuvwxyz012345", ""},
		{"APIv2 key", "too short", "apiv2_key: "},
	} {
		k.answer(answer.question, answer.text)
		k.expect(answer.wrong)
		if echoes() {
			t.Errorf("after the answer %q the terminal shows what is typed", answer.text)
		}
	}
	k.answer("(not shown)", "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345")
	if code := k.end(); code != 0 {
		t.Errorf("exit %d", code)
	}
	if !echoes() {
		t.Error("after its end the terminal does not show what is typed")
	}
}
