package sandbox

// redReturns is the kind of postings of red packets whose time is over.
const redReturns = "red_packet_return"

// post tells that a red packet takes its money from the merchant, and that what
// nobody has opened by then comes back.
func (p *redPacket) post(tx Tx) error {
	key := orderKey(p.MchID, p.MchBillNo)
	if err := post(tx, p.MchID, posting{p.Sent, redPacketBucket, key}, p.moves()); err != nil {
		return err
	}
	return post(tx, p.MchID, posting{p.end(), redReturns, key}, p.returnMoves())
}

// change changes what was opened of a red packet, and in the daybook what comes
// back.
func (p *redPacket) change(tx Tx, f func()) error {
	if err := adjust(tx, p.MchID, p.end(), p.returnMoves(), -1); err != nil {
		return err
	}
	f()
	return adjust(tx, p.MchID, p.end(), p.returnMoves(), 1)
}

// moves are those of sending a red packet.
func (p *redPacket) moves() []move {
	return []move{{at: p.Sent, account: accountOperation, name: "现金红包", kind: "现金红包", amount: -p.Amount,
		number: p.SendListID, voucher: p.MchBillNo, by: byAPI(p.MchID), remark: p.Remark}}
}

// returnMoves are those of what nobody has opened.
func (p *redPacket) returnMoves() []move {
	if p.left() == 0 {
		return nil
	}
	return []move{{at: p.end(), account: accountOperation, name: "现金红包", kind: "现金红包退款", amount: p.left(),
		number: p.SendListID, voucher: p.MchBillNo, by: bySystem, remark: p.Remark}}
}
