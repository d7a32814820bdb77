package batch

// A lineSet is a set of lines of an input. It takes one bit of memory for each
// line of the input.
type lineSet struct {
	last int64
	bits []uint64
}

func newLineSet(last int64) *lineSet { return &lineSet{last, make([]uint64, last/64+1)} }

// covers reports whether the line exists. Call add and has only for lines that
// exist.
func (s *lineSet) covers(line int64) bool { return 0 < line && line <= s.last }

func (s *lineSet) add(line int64) { s.bits[line/64] |= 1 << (line % 64) }

func (s *lineSet) has(line int64) bool { return s.bits[line/64]&(1<<(line%64)) != 0 }
