// Package priority lets a program give way to others on the same machine.
package priority

// niceness is what nice(1) calls the priority of work that nobody waits for.
const niceness = 10

// Lower lowers the priority of this process, unless somebody has chosen one, as nice(1)
// does. If the system does not allow it, the priority stays.
func Lower() { lower() }
