package main

func Example() {
	main()
	// Output:
	// the notification is answered 200 OK
	// the notification is answered 200 OK
	// parcels: 1 for order 1217752501201407033233368018
}
