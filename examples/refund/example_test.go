package main

func Example() {
	main()
	// Output:
	// unknown; once more with the same number
	// accepted: true
	// REFUND.SUCCESS 1217752501201407033233368018-1 940 fen
	// the refund is SUCCESS
}
