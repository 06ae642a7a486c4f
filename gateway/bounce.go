package gateway

import (
	"encoding/json"
	"errors"
	"net/http"

	"perennial/channel/smtp"
	"perennial/store"
)

// BouncePath takes the delivery reports of mail servers: the whole mail, as it came, piped in by whatever takes mail for the bounce addresses. The
// address that the report came to may stand in the query as "to".
const BouncePath = "/v1/mail/bounces"

// maxMail bounds a report: servers may return the whole mail with it.
const maxMail = 4 << 20

// bounced is what became of a report.
type bounced struct {
	Result string `json:"result"` // delivered, undelivered, delayed or ignored
	Touch  string `json:"touch,omitempty"`
	Why    string `json:"why,omitempty"` // it was ignored
}

// mailBounce takes one report. What is none, or of a mail that nobody knows, is answered well too: the mail server must not bounce it in turn.
func (g *Gateway) mailBounce(w http.ResponseWriter, r *http.Request) {
	report, err := smtp.ReadReport(http.MaxBytesReader(w, r.Body, maxMail), g.BounceKey, r.URL.Query().Get("to"))
	if errors.Is(err, smtp.ErrNotOurs) || errors.Is(err, smtp.ErrNoReport) {
		g.Log.Warn("A mail to a bounce address was ignored.", "why", err)
		respondJSON(w, http.StatusOK, bounced{Result: "ignored", Why: err.Error()})
		return
	}
	if err != nil {
		respondJSON(w, http.StatusUnprocessableEntity, bounced{Result: "ignored", Why: err.Error()})
		return
	}
	state, settled := map[smtp.Fate]store.TouchState{smtp.Arrived: store.TouchDelivered, smtp.Bounced: store.TouchUndelivered}[report.Fate]
	if !settled {
		respondJSON(w, http.StatusOK, bounced{Result: string(report.Fate), Touch: report.Touch})
		return
	}
	found, err := g.receive(r.Context(), told{
		Receipt: store.Receipt{Touch: report.Touch, State: state, Code: report.Code, At: g.now()}, kind: report.Kind, to: report.To,
	})
	if err != nil {
		g.Log.Error("A delivery report could not be taken.", "touch", report.Touch, "error", err)
		respondJSON(w, http.StatusServiceUnavailable, bounced{Result: "ignored", Why: "it could not be stored now; bring it again"})
		return
	}
	if !found {
		respondJSON(w, http.StatusOK, bounced{Result: "ignored", Touch: report.Touch, Why: "there is no such touch"})
		return
	}
	g.Telemetry.Receipt(r.Context(), "smtp", report.Touch, state, "") // a mail carries no mark of its trace
	respondJSON(w, http.StatusOK, bounced{Result: string(report.Fate), Touch: report.Touch})
}

func respondJSON(w http.ResponseWriter, status int, answer any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer) // a caller that has gone needs no answer
}
