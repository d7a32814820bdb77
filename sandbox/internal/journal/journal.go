// Package journal keeps the latest of what happens: a line of each, and the details
// of as many of them as a number of bytes allows.
package journal

import (
	"sync"
	"sync/atomic"
)

// An Entry is a line with its number.
type Entry[L, D any] struct {
	ID     uint64 // from 1
	Line   L
	detail atomic.Pointer[D]
	size   int
}

// Detail returns the details, or nil once they had to go.
func (e *Entry[L, D]) Detail() *D { return e.detail.Load() }

// A Journal has the latest entries. It is safe for concurrent use.
type Journal[L, D any] struct {
	mostLines, mostBytes int

	mu     sync.Mutex
	ring   []*Entry[L, D]
	next   int // the oldest, once the ring is full
	count  uint64
	bytes  int    // of the details that are kept
	keepID uint64 // the first entry with details
}

// New returns a journal of at most so many lines and bytes of details.
func New[L, D any](lines, bytes int) *Journal[L, D] {
	return &Journal[L, D]{mostLines: lines, mostBytes: bytes, keepID: 1}
}

// Add adds an entry whose details have a size in bytes, and returns its number.
func (j *Journal[L, D]) Add(line L, detail *D, size int) uint64 {
	e := &Entry[L, D]{Line: line, size: size}
	e.detail.Store(detail)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.count++
	e.ID = j.count
	if len(j.ring) < j.mostLines {
		j.ring = append(j.ring, e)
	} else {
		if old := j.ring[j.next]; old.ID >= j.keepID {
			j.keepID = old.ID + 1
			j.bytes -= old.size
		}
		j.ring[j.next] = e
		j.next = (j.next + 1) % j.mostLines
	}
	j.bytes += size
	for j.bytes > j.mostBytes && j.keepID < e.ID {
		old := j.at(j.keepID)
		old.detail.Store(nil)
		j.bytes -= old.size
		j.keepID++
	}
	return e.ID
}

// at returns the entry with a number, or nil.
func (j *Journal[L, D]) at(id uint64) *Entry[L, D] {
	oldest := j.count - uint64(len(j.ring)) + 1
	if id < oldest || id > j.count {
		return nil
	}
	return j.ring[(j.next+int(id-oldest))%len(j.ring)]
}

// Get returns the entry with a number, or nil.
func (j *Journal[L, D]) Get(id uint64) *Entry[L, D] {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.at(id)
}

// Len returns how many entries there are.
func (j *Journal[L, D]) Len() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.ring)
}

// chunk is how many entries are copied at a time, so that nobody who adds one waits
// for somebody who reads.
const chunk = 512

// Newest calls f with the entries before a number, newest first, until f returns
// false. The number 0 is after all of them.
func (j *Journal[L, D]) Newest(before uint64, f func(*Entry[L, D]) bool) {
	for {
		all := j.before(before)
		if len(all) == 0 {
			return
		}
		for _, e := range all {
			if !f(e) {
				return
			}
			before = e.ID
		}
	}
}

// before returns entries before a number, newest first.
func (j *Journal[L, D]) before(id uint64) []*Entry[L, D] {
	j.mu.Lock()
	defer j.mu.Unlock()
	if id == 0 || id > j.count {
		id = j.count + 1
	}
	all := make([]*Entry[L, D], 0, min(chunk, len(j.ring)))
	for len(all) < chunk {
		id--
		e := j.at(id)
		if e == nil {
			break
		}
		all = append(all, e)
	}
	return all
}
