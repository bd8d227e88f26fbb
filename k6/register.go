// Package pullproof registers both halves of pullproof with k6: the module k6/x/pullproof (one HTTP
// exchange, streamed) and the output "pullproof" (the timeline).
package pullproof

import (
	// Each registers itself in its init.
	_ "github.com/pullproof/xk6-pullproof/exchange"
	_ "github.com/pullproof/xk6-pullproof/timeline"
)
