package sandbox

// HasHandler tells whether a product answers an operation, and no example.
func HasHandler(operation string) bool {
	_, v3 := handlers()[operation]
	_, v2 := handlersV2()[operation]
	return v3 || v2
}
