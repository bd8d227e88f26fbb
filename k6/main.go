// Command k6 is stock k6 with the two halves of pullproof compiled in: the module k6/x/pullproof
// (one HTTP exchange, streamed) and the output "pullproof" (the timeline). It adds nothing else.
package main

import (
	"go.k6.io/k6/v2/cmd"

	_ "pullproof/k6/exchange"
	_ "pullproof/k6/timeline"
)

func main() { cmd.Execute() }
