package main

func Example() {
	main()
	// Unordered output:
	// 20261123-002: paid 1880 fen, booked 1800
	// 20261123-003: paid 1880 fen, and not in the books
	// 20261123-004: booked 1880 fen, and not paid
}
