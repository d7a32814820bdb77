package main

func Example() {
	main()
	// Output:
	// first process: end "", error: true
	// second process: end "done", error: false
	// the order is in REFUND
}
