package exchange

import (
	"maps"
	"math"
	"net/http"
	"strconv"
	"testing"
	"time"
)

func TestMetrics(t *testing.T) {
	t.Parallel()
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Cache", "Hit from cloudfront")
		status, _ := strconv.Atoi(r.URL.Path[1:])
		w.WriteHeader(status)
	})
	host := url[len("http://"):]
	for _, test := range []struct {
		name    string
		url     string
		request fields
		tags    map[string]string
		failed  float64
	}{
		{"success at the registry", url + "/200?Signature=secret", fields{"phase": "manifest"},
			map[string]string{"phase": "manifest", "hop": "registry", "host": host, "status": "200"}, 0},
		{"the edge has a cache", url + "/200?Signature=secret", fields{"phase": "layer", "hop": "edge"},
			map[string]string{"phase": "layer", "hop": "edge", "host": host, "status": "200", "cache": "hit"}, 0},
		{"401 belongs to the token flow", url + "/401", fields{"phase": "ping"},
			map[string]string{"phase": "ping", "hop": "registry", "host": host, "status": "401"}, 0},
		{"404 is what a push hopes for", url + "/404", fields{"phase": "upload-check", "method": "HEAD"},
			map[string]string{"phase": "upload-check", "hop": "registry", "host": host, "status": "404"}, 0},
		{"404 of a pull", url + "/404", fields{"phase": "layer"},
			map[string]string{"phase": "layer", "hop": "registry", "host": host, "status": "404"}, 1},
		{"error status", url + "/503", fields{"phase": "token", "hop": "token"},
			map[string]string{"phase": "token", "hop": "token", "host": host, "status": "503"}, 1},
		{"no reply", "http://name.invalid/x?Signature=secret", fields{"hop": "edge"}, map[string]string{
			"phase": "other", "hop": "edge", "host": "name.invalid", "status": "0",
			"cache": "unknown", "failure": "dns"}, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			vu := newVU(t)
			vu.request(test.url, test.request, time.Minute)
			test.tags["scenario"] = "test" // the VU's own
			values := map[string]float64{}
			for _, sample := range vu.sample().GetSamples() {
				values[sample.Metric.Name] = sample.Value
				if !maps.Equal(sample.Tags.Map(), test.tags) {
					t.Fatalf("%s is tagged %v", sample.Metric.Name, sample.Tags.Map())
				}
			}
			for _, name := range []string{
				"http_req_duration", "http_req_blocked", "http_req_connecting", "http_req_tls_handshaking",
				"http_req_sending", "http_req_waiting", "http_req_receiving",
			} {
				if value, ok := values[name]; !ok || value < 0 {
					t.Errorf("%s: %v %v", name, value, ok)
				}
			}
			if values["http_reqs"] != 1 || values["http_req_failed"] != test.failed {
				t.Errorf("%v", values)
			}
			sum := values["http_req_sending"] + values["http_req_waiting"] + values["http_req_receiving"]
			if math.Abs(values["http_req_duration"]-sum) > 0.001 {
				t.Errorf("the parts do not add up: %v", values)
			}
		})
	}
}

func TestCacheVerdict(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, value, want string }{
		{"X-Cache", "Hit from cloudfront", "hit"},
		{"X-Cache", "RefreshHit from cloudfront", "hit"},
		{"X-Cache", "Miss from cloudfront", "miss"},
		{"X-Cache", "Error from cloudfront", "unknown"},
		{"X-Cache", "MISS, HIT", "hit"},
		{"X-Cache", "HIT, MISS", "miss"},
		{"X-Cache", "TCP_MEM_HIT from a23-1.deploy.akamaitechnologies.com (AkamaiGHost/11)", "hit"},
		{"X-Cache", "TCP_REFRESH_MISS from a23-1 (AkamaiGHost/11)", "miss"},
		{"X-Cache", "CONFIG_NOCACHE", "miss"},
		{"CF-Cache-Status", "HIT", "hit"},
		{"CF-Cache-Status", "DYNAMIC", "miss"},
		{"CF-Cache-Status", "REVALIDATED", "hit"},
		{"CF-Cache-Status", "NONE/UNKNOWN", "unknown"},
		{"CF-Cache-Status", "MISS", "miss"},
		{"CF-Cache-Status", "EXPIRED", "miss"},
		{"CF-Cache-Status", "BYPASS", "miss"},
		{"CF-Cache-Status", "UPDATING", "hit"},
		{"CF-Cache-Status", "STALE", "hit"},
		{"X-Cache", "TCP_HIT", "hit"},
		{"X-Cache", "TCP_REMOTE_HIT", "hit"},
		{"X-Cache", "TCP_MISS", "miss"},
		{"X-Cache", "PRIVATE_NOSTORE", "miss"},
		{"X-Cache", "N/A", "unknown"},
		{"X-Cache", "LambdaGeneratedResponse from cloudfront", "unknown"},
		{"X-Cache", "HIT-STALE", "hit"},
		{"X-Cache", "MISS-CLUSTER", "miss"},
		{"X-Cache", "PASS", "miss"},
		{"X-Cache", "TCP_IMS_HIT from a23-1.deploy.akamaitechnologies.com (AkamaiGHost/11)", "hit"},
		{"Cdn-Cache-Status", "hit", "hit"},
		{"CDN-Cache", "MISS", "miss"},
		{"Cache-Status", "edge; fwd=stale; fwd-status=304", "miss"},
		{"Cache-Status", "missing; hit", "hit"},
		{"Cache-Status", "hit-parade; detail=x", "unknown"},
		{"X-Served-By", "cache-hitchin-LHR", "unknown"},
		{"X-Cache-Status", "STALE", "hit"},
		{"X-Cache-Status", "EXPIRED", "miss"},
		{"X-Cache-Status", "BYPASS", "miss"},
		{"Cache-Status", "origin; hit, edge; fwd=uri-miss; stored", "miss"},
		{"Cache-Status", "edge; hit; ttl=100", "hit"},
		{"X-Served-By", "cache-fra-etou8220057-FRA", "unknown"},
		{"X-Served-By", "edge1 (hit)", "hit"},
		{"Age", "17", "hit"},
		{"Age", "0", "unknown"},
		{"Age", "", "unknown"},
		{"Age", "-1", "unknown"},
		{"Server", "hit", "unknown"},
	} {
		header := http.Header{}
		header.Set(test.name, test.value)
		if got := cacheVerdict(header); got != test.want {
			t.Errorf("%s: %s is %s, want %s", test.name, test.value, got, test.want)
		}
	}
}
