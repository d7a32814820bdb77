package main

func Example() {
	main()
	// Output:
	// show this as a QR code: true
	// deliver order 1217752501201407033233368018
	// the platform says SUCCESS
}
