package main

func Example() {
	main()
	// Output:
	// 20261119-007-1: late: 500 fen, accepted on 2026-11-19: query it
	// 20261123-001-1: state: done, and booked as accepted
	// 20261123-002: amount: 1880 fen, and booked with 1800
	// 20261123-003: not booked: paid 1880 fen
	// 20261123-004: not in the bill: booked as paid with 1880 fen
}
