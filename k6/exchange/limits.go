package exchange

import (
	"net/http"
	"strings"
)

// RateLimit is one header by which a server tells of its limits; Name is lower case.
type RateLimit struct{ Name, Value string }

const (
	limitsMax          = 16
	limitNameBytesMax  = 60
	limitValueBytesMax = 100
)

// limitsOf looks only where registries say it: replies that refuse, and those to what counts as a pull.
func limitsOf(phase string, r *reply) []RateLimit {
	refuses := r.status == http.StatusTooManyRequests || r.status == http.StatusServiceUnavailable
	if !refuses && phase != "index" && phase != "manifest" && phase != "token" {
		return nil
	}
	var limits []RateLimit
	for name, values := range r.header {
		if !isLimit(name) || len(name) > limitNameBytesMax || len(values) == 0 || len(limits) == limitsMax {
			continue
		}
		value := strings.Join(values, ", ")
		if len(value) > limitValueBytesMax {
			value = value[:limitValueBytesMax]
		}
		limits = append(limits, RateLimit{strings.ToLower(name), strings.ToValidUTF8(value, "")})
	}
	return limits
}

// isLimit takes names in Go's canonical form. Beside RateLimit and RateLimit-Policy (IETF) there are its
// older fields, and X-RateLimit-… or X-Rate-Limit-… of anybody's.
func isLimit(name string) bool {
	switch name[0] {
	case 'R':
		return name == "Retry-After" || strings.HasPrefix(name, "Ratelimit")
	case 'X':
		return strings.HasPrefix(name, "X-Ratelimit") || strings.HasPrefix(name, "X-Rate-Limit")
	case 'D':
		return name == "Docker-Ratelimit-Source"
	}
	return false
}
