package exchange

import (
	"encoding/base64"
	"net/http"
	"strings"
)

// edgeIDBytesMax bounds what a header may say; the ids that CDNs use are far shorter.
const edgeIDBytesMax = 80

// How CDNs name the edge that answered. The first header that names one decides; what differs from
// request to request (the ray of Cloudflare, the reference of Azure) is cut down to the place.
var edgeHeaders = []struct {
	name string
	read func(value string) string
}{
	{"X-Amz-Cf-Pop", trimmed},     // CloudFront: FRA56-P4
	{"Cf-Ray", afterLast('-')},    // Cloudflare: 7d3a…-FRA
	{"X-Served-By", lastOfList},   // Fastly: shield, edge: cache-fra-etou8220057-FRA
	{"X-Azure-Ref", azurePlace},   // Azure Front Door
	{"X-Msedge-Ref", msEdgePlace}, // Azure CDN of Microsoft: Ref A: … Ref B: FRAEDGE1410 Ref C: …
	{"X-Cache", afterFrom},        // Akamai: TCP_HIT from a23-1-2-3.deploy.akamaitechnologies.com (…)
	{"X-Edge-Location", trimmed},  // KeyCDN and others
	{"Server", bunnyPlace},        // BunnyCDN-DE1-1080
	{"Cache-Status", lastCache},   // RFC 9211: the name of the cache next to us
}

// edgeID is empty for a reply that does not say.
func edgeID(header http.Header) string {
	for _, source := range edgeHeaders {
		for _, value := range header[source.name] {
			if id := source.read(value); id != "" && len(id) <= edgeIDBytesMax {
				return id
			}
		}
	}
	return ""
}

func trimmed(value string) string { return strings.TrimSpace(value) }

func afterLast(separator byte) func(string) string {
	return func(value string) string {
		at := strings.LastIndexByte(value, separator)
		if at < 0 {
			return ""
		}
		return strings.TrimSpace(value[at+1:])
	}
}

func lastOfList(value string) string {
	return strings.TrimSpace(value[strings.LastIndexByte(value, ',')+1:])
}

// afterFrom leaves CloudFront out, whose "from" names the product: its place has a header of its own.
func afterFrom(value string) string {
	_, after, found := strings.Cut(value, " from ")
	id, _, _ := strings.Cut(after, " ")
	if !found || !strings.Contains(id, ".") {
		return ""
	}
	return id
}

// azurePrefixBytes are a time, zeros and an id before the place.
const azurePrefixBytes = 24

// azurePlace reads 0 and base64 of a prefix, the place, a NUL and an id. The newer form, which begins
// with a time, names no place.
func azurePlace(value string) string {
	text := strings.TrimRight(strings.TrimPrefix(value, "0"), "=")
	decoded, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil || len(decoded) <= azurePrefixBytes {
		return ""
	}
	place, _, found := strings.Cut(string(decoded[azurePrefixBytes:]), "\x00")
	if !found || !strings.Contains(place, "EDGE") {
		return ""
	}
	return place
}

func msEdgePlace(value string) string {
	_, after, _ := strings.Cut(value, "Ref B: ")
	place, _, _ := strings.Cut(after, " ")
	return place
}

func bunnyPlace(value string) string {
	place, found := strings.CutPrefix(value, "BunnyCDN-")
	if !found {
		return ""
	}
	return place
}

func lastCache(value string) string {
	name, _, _ := strings.Cut(lastOfList(value), ";")
	return strings.Trim(strings.TrimSpace(name), `"`)
}
