package main

func Example() {
	main()
	// Output:
	// 5 coupons sent, 2 users too late
	// the stock is paused with 5 coupons sent
}
