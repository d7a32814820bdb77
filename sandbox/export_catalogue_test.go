package sandbox

// HasHandler tells whether a product answers an operation, and no example.
func HasHandler(operation string) bool {
	_, ok := handlers()[operation]
	return ok
}
