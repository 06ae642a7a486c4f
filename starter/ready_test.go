package main

import "testing"

func TestReadyAsksOne(t *testing.T) {
	t.Parallel()
	b := newBusiness(t)
	b.refuses("needs the URL of a worker or gateway", "ready")
	b.refuses("nothing answers at http://127.0.0.1:1", "ready", "http://127.0.0.1:1")
	b.withTemporal().withGateway()
	says(t, b.does("ready", "http://"+b.settings.GatewayAddress+"/"), "ready")
	b.refuses("is no URL", "ready", "http://%")
	b.refuses("answers with status 404", "ready", "http://"+b.settings.GatewayAddress+"/nowhere")
}
