//go:build race

package interop

// raced tells that the tests run with the race detector; so does the command
// that they build.
const raced = true
