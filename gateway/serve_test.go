package gateway_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
)

// loopbackNetworks are where the requests of serve come from.
var loopbackNetworks = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

// serve asks a handler without a server, and returns the status. Headers are pairs of name and value.
func serve(handler http.Handler, method, path string, headers ...string) int {
	request := httptest.NewRequest(method, path, nil)
	request.Host, request.RemoteAddr = "127.0.0.1:8420", "127.0.0.1:50000"
	for pair := range slices.Chunk(headers, 2) {
		request.Header.Set(pair[0], pair[1])
	}
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	return recorder.Code
}
