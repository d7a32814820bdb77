package journal_test

import (
	"slices"
	"sync"
	"testing"

	"github.com/wxchain/wechatpay/sandbox/internal/journal"
)

type entry = journal.Entry[int, string]

func lines(j *journal.Journal[int, string], before uint64, most int) (all []int) {
	j.Newest(before, func(e *entry) bool {
		all = append(all, e.Line)
		return len(all) < most
	})
	return all
}

// The latest lines are kept, and the details of as many as the bytes allow.
func TestJournal(t *testing.T) {
	j := journal.New[int, string](5, 30)
	if got := lines(j, 0, 9); got != nil || j.Get(0) != nil || j.Get(1) != nil {
		t.Errorf("an empty journal has %v", got)
	}
	fill(t, j)
	if got := lines(j, 0, 9); !slices.Equal(got, []int{12, 11, 10, 9, 8}) || j.Len() != 5 {
		t.Errorf("the lines are %v of %d", got, j.Len())
	}
	if got := lines(j, 11, 2); !slices.Equal(got, []int{10, 9}) {
		t.Errorf("the two lines before 11 are %v", got)
	}
	if got := lines(j, 8, 2); got != nil {
		t.Errorf("before the oldest are %v", got)
	}
}

// fill adds 12 entries with details of 10 bytes each.
func fill(t *testing.T, j *journal.Journal[int, string]) {
	t.Helper()
	for i := 1; i <= 12; i++ {
		detail := "detail"
		if id := j.Add(i, &detail, 10); id != uint64(i) {
			t.Fatalf("the entry %d has the number %d", i, id)
		}
	}
}

func TestJournalDetails(t *testing.T) {
	j := journal.New[int, string](5, 30)
	fill(t, j)
	for id, want := range map[uint64]bool{7: false, 8: false, 9: false, 10: true, 11: true, 12: true} {
		e := j.Get(id)
		if got := e != nil && e.Detail() != nil; got != want || (e != nil) != (id >= 8) {
			t.Errorf("entry %d is %v, with details: %v", id, e, got)
		}
	}
	j.Add(13, new(string), 100) // alone above the bytes
	if e := j.Get(13); e.Detail() == nil || j.Get(12).Detail() != nil {
		t.Error("the latest has its details, however large, and no other")
	}
	for i := range 9 {
		j.Add(i, new(string), 0)
	}
	if got := lines(j, 0, 9); !slices.Equal(got, []int{8, 7, 6, 5, 4}) {
		t.Errorf("the lines are %v", got)
	}
}

func TestJournalAtOnce(t *testing.T) {
	j := journal.New[int, string](100, 1000)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 500 {
				j.Add(i, new(string), 20)
				j.Newest(0, func(e *entry) bool { return e.ID%7 != 0 })
				if e := j.Get(uint64(i)); e != nil {
					e.Detail()
				}
			}
		})
	}
	wg.Wait()
	if j.Len() != 100 {
		t.Errorf("%d lines", j.Len())
	}
}
