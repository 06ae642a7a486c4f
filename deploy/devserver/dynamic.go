package main

import (
	"time"

	"go.temporal.io/server/common/dynamicconfig"
)

// dynamicConfig is what differs from the server's defaults, each with its reason.
func dynamicConfig() dynamicconfig.StaticClient {
	return dynamicconfig.StaticClient{
		// A timer may fire this much late. On a scaled clock the default of 1 s would be hours.
		dynamicconfig.TimerProcessorMaxTimeShift.Key(): 10 * time.Millisecond,
		// So it reads the same second many times, as often as this allows, and must not take that for being stuck: what it then puts aside,
		// it comes back to when nothing else is due, and under load that was a minute late.
		dynamicconfig.TimerProcessorMaxPollRPS.Key():         100,
		dynamicconfig.QueueReaderStuckCriticalAttempts.Key(): 1_000_000,
		// A queue's server-side rate is divided among its partitions: with one, it is exact.
		dynamicconfig.MatchingNumTaskqueueReadPartitions.Key():  1,
		dynamicconfig.MatchingNumTaskqueueWritePartitions.Key(): 1,
		// New search attributes can be used at once, for the price of a small read in each use.
		dynamicconfig.ForceSearchAttributesCacheRefreshOnRead.Key(): true,
		// This server tells nobody that it runs.
		dynamicconfig.EnableServerVersionCheck.Key(): false,
	}
}
