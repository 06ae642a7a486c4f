package gateway_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"perennial/gateway"
)

func TestItSaysHowItIs(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	d.do(http.MethodGet, "/healthz", "", "Authorization", "").says(t, http.StatusOK, "ok")
	d.do(http.MethodGet, "/readyz", "", "Authorization", "").says(t, http.StatusOK, "ready")
	d.store.Close()
	d.do(http.MethodGet, "/healthz", "").says(t, http.StatusOK, "ok")
	d.until(http.StatusServiceUnavailable, func() answer { return d.do(http.MethodGet, "/readyz", "") }) // an answer holds for a second
	d.do(http.MethodGet, "/readyz", "").says(t, http.StatusServiceUnavailable, "not ready: ", "closed pool")

	broken := open(t, func(c *gateway.Config) {
		c.Ready = func(context.Context) error { return errors.New("Temporal does not answer") }
	})
	broken.do(http.MethodGet, "/readyz", "").says(t, http.StatusServiceUnavailable, "not ready: Temporal does not answer")
}

func TestTheAPIDescribesItself(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	a := d.do(http.MethodGet, "/openapi.json", "", "Authorization", "")
	a.says(t, http.StatusOK)
	var api struct {
		Paths map[string]map[string]struct {
			Security    []map[string][]string
			RequestBody struct {
				Required bool
				Content  map[string]struct {
					Schema struct {
						OneOf []struct {
							Ref      string `json:"$ref"`
							Type     string
							MaxItems int
							Items    struct {
								Ref string `json:"$ref"`
							}
						}
					}
					Examples map[string]struct{ Value json.RawMessage }
				}
			}
			Responses map[string]any
		}
		Components struct {
			Schemas map[string]struct {
				Required   []string
				Properties map[string]any
			}
			SecuritySchemes map[string]struct{ Type, Scheme string }
		}
	}
	if err := json.Unmarshal([]byte(a.body), &api); err != nil {
		t.Fatal(err)
	}
	post := api.Paths["/v1/events"]["post"]
	body := post.RequestBody.Content["application/json"]
	const event = "#/components/schemas/Event"
	if !post.RequestBody.Required || len(body.Schema.OneOf) != 2 || body.Schema.OneOf[0].Ref != event ||
		body.Schema.OneOf[1].Type != "array" || body.Schema.OneOf[1].MaxItems != 1000 || body.Schema.OneOf[1].Items.Ref != event {
		t.Errorf("the body is %+v", body.Schema)
	}
	if got := api.Components.Schemas["Event"]; fmt.Sprint(got.Required) != "[id type]" || len(got.Properties) != 5 {
		t.Errorf("an event is %+v", got)
	}
	if _, there := post.Security[0]["token"]; !there || api.Components.SecuritySchemes["token"].Scheme != "bearer" {
		t.Errorf("security is %v of %v", post.Security, api.Components.SecuritySchemes)
	}
	for _, status := range []string{"202", "400", "401", "413", "422", "503"} {
		if post.Responses[status] == nil {
			t.Errorf("status %s is not described", status)
		}
	}
	d.importCSV("customer,time_zone,email\nc-1042,Europe/London,someone@example.com\n")
	if len(body.Examples) == 0 {
		t.Error("there are no examples")
	}
	for name, example := range body.Examples {
		if a := d.hand(string(example.Value)); a.status != http.StatusAccepted {
			t.Errorf("example %s: %d %s", name, a.status, a.body)
		}
	}
	d.do(http.MethodGet, "/docs", "").says(t, http.StatusNotFound)
}
