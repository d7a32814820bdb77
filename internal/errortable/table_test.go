package errortable

import (
	"strings"
	"testing"
)

// A line that says too little, or what nobody reads, is an error.
func TestParseRefuses(t *testing.T) {
	const (
		chapter = `{"package":"shop","title":"Sell","title_zh":"销售"}` + "\n"
		good    = `{"messages":["ErrSold"],"says":{"ErrSold":"it is sold"},"meaning":"a","remedy":"b","zh":{"meaning":"c","remedy":"d"}}`
	)
	for _, tt := range []struct{ data, want string }{
		{good, "lacks a chapter"},
		{chapter + strings.Replace(good, `"d"`, `""`, 1), `the line of ["ErrSold"] lacks a chapter, a message, a meaning or a remedy`},
		{chapter + strings.Replace(good, `"meaning":"a",`, "", 1), "lacks"},
		{chapter + strings.Replace(good, `["ErrSold"]`, "[]", 1), "lacks"},
		{chapter + strings.Replace(good, `{"ErrSold":`, `{"ErrLost":`, 1), "says what ErrLost says"},
		{chapter + strings.Replace(good, "meaning", "means", 1), `unknown field "means"`},
		{chapter + "{", "unexpected EOF"},
	} {
		if _, err := parse([]byte(tt.data)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %s", tt.data, err, tt.want)
		}
	}
	chapters, err := parse([]byte(chapter + good))
	if err != nil || len(chapters) != 1 || chapters[0].TitleZH != "销售" || len(chapters[0].Entries) != 1 || chapters[0].Entries[0].ZH.Remedy != "d" {
		t.Errorf("parse: %+v, %v", chapters, err)
	}
}
