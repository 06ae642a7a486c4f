package config

import (
	"fmt"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
)

// TemporalOptions returns how to connect to Temporal, as its own tools would: by TEMPORAL_* and their configuration
// file. TemporalAddress, where set, wins.
func (c Config) TemporalOptions() (client.Options, error) {
	options, err := envconfig.LoadDefaultClientOptions()
	if err != nil {
		return client.Options{}, fmt.Errorf("reading Temporal's variables: %w", err)
	}
	if c.TemporalAddress != "" {
		options.HostPort = c.TemporalAddress
	}
	return options, nil
}
