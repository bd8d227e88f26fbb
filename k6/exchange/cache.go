package exchange

import (
	"net/http"
	"strings"
)

// How CDNs say whether the edge had the answer. The first header that says something decides.
var cacheHeaders = []struct {
	name string
	read func(value string) string
}{
	{"Cache-Status", standard},   // RFC 9211: "origin; hit, edge; fwd=miss", nearest the client last
	{"Cf-Cache-Status", word},    // Cloudflare
	{"X-Cache-Status", word},     // nginx's usual name for $upstream_cache_status
	{"Cdn-Cache-Status", word},   // Google's documented custom header
	{"Cdn-Cache", word},          // Bunny
	{"X-Cache", lastWord},        // CloudFront, Fastly ("MISS, HIT": shield, edge), Akamai, Azure
	{"X-Proxy-Cache", word},      // Artifactory's and others' nginx
	{"X-Served-By", bracketWord}, // some put the verdict here; Fastly names its machines only
	{"Age", age},                 // RFC 9111, section 5.1: only a cache sends it (Google says no more)
}

// cacheVerdict is hit, miss or unknown.
func cacheVerdict(header http.Header) string {
	for _, source := range cacheHeaders {
		for _, value := range header[source.name] {
			if verdict := source.read(value); verdict != "" {
				return verdict
			}
		}
	}
	return "unknown"
}

// cacheWords in order of precedence: "RefreshHit", "TCP_REFRESH_MISS", "MISS-CLUSTER" are all
// found.
var cacheWords = []struct{ word, verdict string }{
	{"miss", "miss"}, {"hit", "hit"}, {"stale", "hit"}, {"updating", "hit"}, {"revalidated", "hit"},
	{"expired", "miss"}, {"bypass", "miss"}, {"dynamic", "miss"},
	{"nocache", "miss"}, {"nostore", "miss"}, {"pass", "miss"},
}

func word(value string) string {
	value = strings.ToLower(value)
	for _, entry := range cacheWords {
		if strings.Contains(value, entry.word) {
			return entry.verdict
		}
	}
	return ""
}

// lastWord reads the last of several caches: the one next to the client.
func lastWord(value string) string { return word(value[strings.LastIndexByte(value, ',')+1:]) }

// standard reads the parameters of the last cache: forwarded for whatever reason is no hit.
func standard(value string) string {
	for _, parameter := range strings.Split(lastOfList(value), ";")[1:] {
		switch name, _, _ := strings.Cut(strings.TrimSpace(parameter), "="); name {
		case "hit":
			return "hit"
		case "fwd":
			return "miss"
		}
	}
	return ""
}

// bracketWord reads "edge1 (hit)"; a machine may be called anything.
func bracketWord(value string) string {
	_, after, _ := strings.Cut(value, "(")
	return word(after)
}

// age: a reply that has aged came out of a cache; 0 says nothing.
func age(value string) string {
	if strings.Trim(strings.TrimSpace(value), "0123456789") == "" && strings.Trim(value, " 0") != "" {
		return "hit"
	}
	return ""
}
