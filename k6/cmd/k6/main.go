// Command k6 is stock k6 with the extension of this module compiled in. It adds nothing else.
package main

import (
	"go.k6.io/k6/v2/cmd"

	_ "github.com/pullproof/xk6-pullproof"
)

func main() { cmd.Execute() }
