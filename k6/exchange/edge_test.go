package exchange

import (
	"net/http"
	"strings"
	"testing"
)

func TestEdgeID(t *testing.T) {
	t.Parallel()
	const azure = "0zxV+XAAAAABKMMOjBv2NT4TY6SQVjC0zV1NURURHRTA2MTkANDM3YzgyY2QtMzYwYS00YTU0LTk0YzMtNWZmNzA3NjQ3Nzgz"
	for _, test := range []struct {
		name   string
		header http.Header
		want   string
	}{
		{"CloudFront", http.Header{"X-Cache": {"Hit from cloudfront"}, "X-Amz-Cf-Pop": {"FRA56-P4"}}, "FRA56-P4"},
		{"CloudFront without its place", http.Header{"X-Cache": {"Hit from cloudfront"}}, ""},
		{"Cloudflare", http.Header{"Cf-Ray": {"7d3a1b2c3d4e5f60-FRA"}}, "FRA"},
		{"a ray without its place", http.Header{"Cf-Ray": {"7d3a1b2c3d4e5f60"}}, ""},
		{"Fastly", http.Header{"X-Served-By": {"cache-iad-kiad7000045-IAD, cache-fra-etou8220057-FRA"},
			"X-Cache": {"HIT, MISS"}}, "cache-fra-etou8220057-FRA"},
		{"Azure", http.Header{"X-Azure-Ref": {azure}, "X-Cache": {"TCP_REMOTE_HIT"}}, "WSTEDGE0619"},
		{"Azure's newer reference", http.Header{"X-Azure-Ref": {"20240315T193458Z-r17c6b9bf8b7x8w6h0z6d9b0mn"}}, ""},
		{"Azure CDN", http.Header{"X-Msedge-Ref": {"Ref A: 0A1B Ref B: FRAEDGE1410 Ref C: 2024-01-01T00:00:00Z"}}, "FRAEDGE1410"},
		{"Akamai", http.Header{"X-Cache": {"TCP_MEM_HIT from a23-1-2-3.deploy.akamaitechnologies.com (AkamaiGHost/11)"}},
			"a23-1-2-3.deploy.akamaitechnologies.com"},
		{"Bunny", http.Header{"Server": {"BunnyCDN-DE1-1080"}}, "DE1-1080"},
		{"any other server", http.Header{"Server": {"nginx"}}, ""},
		{"RFC 9211", http.Header{"Cache-Status": {`origin-shield; hit, "edge-7"; fwd=uri-miss`}}, "edge-7"},
		{"nothing", http.Header{"Age": {"7"}}, ""},
		{"too long", http.Header{"X-Amz-Cf-Pop": {strings.Repeat("x", edgeIDBytesMax+1)}}, ""},
	} {
		if got := edgeID(test.header); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}
