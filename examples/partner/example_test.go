package main

func Example() {
	main()
	// Output:
	// merchant 1900000208 was paid 1880 fen
	// the order is SUCCESS
	// refund of 880 fen: PROCESSING
}
