package sandbox

// close closes an order that is not paid; to close it again changes nothing.
func (l *ledger) close(o *order) error {
	switch o.state(l.now) {
	case stateNotPay, stateFailed, stateClosed:
		o.State = stateClosed
		return o.save(l.tx)
	case stateUserPaying:
		return errUserPaying
	case stateRevoked:
		return errOrderReversed
	}
	return errPaidClosed
}
