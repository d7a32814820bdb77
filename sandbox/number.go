package sandbox

import (
	"fmt"
	"math/big"

	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// The n-th number of a kind is step·n plus a start that the seed decides,
// modulo what ten digits hold. As step shares no divisor with that, no number
// comes twice.
const (
	numbers = 10_000_000_000
	step    = 6_180_339_887
)

const counters = "counter"

// number makes up the next number of a kind: ten digits.
func (l *ledger) number(kind string) (string, error) {
	n, _, err := store.Load[uint64](l.tx, counters, kind)
	if err != nil {
		return "", err
	}
	if err := store.Save(l.tx, counters, kind, n+1); err != nil {
		return "", err
	}
	v := new(big.Int).SetUint64(n)
	v.Mul(v, big.NewInt(step))
	v.Add(v, new(big.Int).SetUint64(l.seed))
	return fmt.Sprintf("%010d", v.Mod(v, big.NewInt(numbers))), nil
}
