// Package sm3 is the hash function SM3, by which the platform names some files.
//
// GB/T 32905-2016, https://datatracker.ietf.org/doc/html/draft-sca-cfrg-sm3-02
package sm3

import (
	"encoding/binary"
	"hash"
	"math/bits"
)

// Size is the size of a sum, in bytes.
const Size = 32

const blockSize = 64

var start = [8]uint32{0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e}

type digest struct {
	v    [8]uint32
	rest [blockSize]byte
	n    int    // bytes of rest
	size uint64 // bytes in all
}

// New returns a hash that computes SM3.
func New() hash.Hash {
	d := new(digest)
	d.Reset()
	return d
}

func (d *digest) Reset()         { *d = digest{v: start} }
func (d *digest) Size() int      { return Size }
func (d *digest) BlockSize() int { return blockSize }

func (d *digest) Write(p []byte) (int, error) {
	written := len(p)
	d.size += uint64(written)
	for len(p) > 0 {
		n := copy(d.rest[d.n:], p)
		d.n += n
		p = p[n:]
		if d.n == blockSize {
			d.compress()
			d.n = 0
		}
	}
	return written, nil
}

func (d *digest) Sum(in []byte) []byte {
	end := *d
	padding := make([]byte, 1+(2*blockSize-9-end.n)%blockSize, blockSize+9)
	padding[0] = 0x80
	_, _ = end.Write(binary.BigEndian.AppendUint64(padding, end.size*8)) // it never fails
	for _, v := range end.v {
		in = binary.BigEndian.AppendUint32(in, v)
	}
	return in
}

// compress takes the full block in rest into v.
func (d *digest) compress() {
	var w [68]uint32
	for i := range 16 {
		w[i] = binary.BigEndian.Uint32(d.rest[4*i:])
	}
	for i := 16; i < len(w); i++ {
		x := w[i-16] ^ w[i-9] ^ bits.RotateLeft32(w[i-3], 15)
		w[i] = x ^ bits.RotateLeft32(x, 15) ^ bits.RotateLeft32(x, 23) ^ bits.RotateLeft32(w[i-13], 7) ^ w[i-6]
	}
	a, b, c, e := d.v[0], d.v[1], d.v[2], d.v[4]
	dd, f, g, h := d.v[3], d.v[5], d.v[6], d.v[7]
	for i := range 64 {
		t, ff, gg := uint32(0x79cc4519), a^b^c, e^f^g
		if i >= 16 {
			t, ff, gg = 0x7a879d8a, a&b|a&c|b&c, e&f|^e&g
		}
		ss1 := bits.RotateLeft32(bits.RotateLeft32(a, 12)+e+bits.RotateLeft32(t, i%32), 7)
		tt1 := ff + dd + (ss1 ^ bits.RotateLeft32(a, 12)) + (w[i] ^ w[i+4])
		tt2 := gg + h + ss1 + w[i]
		a, b, c, dd = tt1, a, bits.RotateLeft32(b, 9), c
		e, f, g, h = tt2^bits.RotateLeft32(tt2, 9)^bits.RotateLeft32(tt2, 17), e, bits.RotateLeft32(f, 19), g
	}
	for i, x := range [8]uint32{a, b, c, dd, e, f, g, h} {
		d.v[i] ^= x
	}
}
