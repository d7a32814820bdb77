package bill

import (
	"strings"
	"testing"
)

func TestCSVIsHarmless(t *testing.T) {
	const text = "时间,=列,备注\n`2026-11-24,`=1+1,`@SUM(A1)\n`-1.00,`-1+cmd|x,`+86\n`-,`\tx,`a=b\n总交易单数,x\n`1,`2\n"
	var b strings.Builder
	if err := copyCSV(&b, strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	const want = "时间,'=列,备注\n2026-11-24,'=1+1,'@SUM(A1)\n-1.00,'-1+cmd|x,'+86\n'-,'\tx,a=b\n"
	if got := b.String(); got != want {
		t.Errorf("CSV %q, want %q", got, want)
	}
}
