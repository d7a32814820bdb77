package resilience

// Settlements are the queries of Resolve: for each operation the query, the fields that
// it takes, and the states that settle a call.
func Settlements() map[string][4][]string {
	all := make(map[string][4][]string)
	for op, s := range settlements() {
		all[op] = [4][]string{{s.query, s.state}, s.fields, s.done, s.not}
	}
	return all
}
