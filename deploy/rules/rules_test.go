package rules

import (
	"encoding/json"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
)

func TestPrometheusTakesTheRules(t *testing.T) {
	t.Parallel()
	_, mistakes := rulefmt.ParseFile("../alerts.yaml", false, model.UTF8Validation, parser.NewParser(parser.Options{}), slog.New(slog.NewTextHandler(t.Output(), nil)))
	for _, mistake := range mistakes {
		t.Error(mistake)
	}
}

func TestPrometheusTakesEveryQueryOfTheBoard(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../grafana/perennial.json")
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(text, &board); err != nil {
		t.Fatal(err)
	}
	asked := 0
	for _, panel := range board.Panels {
		for _, target := range panel.Targets {
			asked++
			// What Grafana puts in the place of its own words.
			query := strings.NewReplacer("$__rate_interval", "1m", "$__range", "24h", "$journey", ".*").Replace(target.Expr)
			if _, err := parser.NewParser(parser.Options{}).ParseExpr(query); err != nil {
				t.Errorf("%s: %s: %v", panel.Title, target.Expr, err)
			}
		}
	}
	if asked < 20 {
		t.Errorf("only %d queries were found", asked)
	}
}
