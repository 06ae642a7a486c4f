package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/spf13/cobra"
)

func newReady(c *console) *cobra.Command {
	return &cobra.Command{
		Use:   "ready URL",
		Short: "Ask one worker or gateway whether it is ready",
		Long: `Ask the worker or gateway at URL whether it is ready: whether its database and its Temporal answer. The exit code is 1 where it is not.
It is for health checks of containers in which there is nothing else that could ask; starter doctor looks at the whole.`,
		Example: `  starter ready http://127.0.0.1:8420      # the gateway
  starter ready http://127.0.0.1:8421      # the worker`,
		Args: takes("the URL of a worker or gateway"),
		RunE: func(cmd *cobra.Command, args []string) error {
			line, err := readiness(cmd.Context(), strings.TrimRight(args[0], "/"))
			if err != nil {
				return err
			}
			return c.show(map[string]string{"ready": line}, func(p *page) { p.line("%s", line) })
		},
	}
}

// readiness is what a worker or gateway says of itself, or why it is not ready.
func readiness(ctx context.Context, base string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/readyz", http.NoBody)
	if err != nil {
		return "", fmt.Errorf("%s is no URL: write one such as http://127.0.0.1:8420", base)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", unreachable("nothing answers at "+base, err, "is it running, and does it listen there?")
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, answerLimit))
	if err != nil {
		return "", unreachable(base+" does not answer to the end", err, "see its log")
	}
	line, _, _ := strings.Cut(strings.TrimSpace(string(answer)), "\n")
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s answers with status %d: %s", base, response.StatusCode, line)
	}
	return line, nil
}
