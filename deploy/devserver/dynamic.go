package main

import (
	"sync/atomic"
	"time"

	"go.temporal.io/server/common/dynamicconfig"
)

// dynamicConfig is what differs from the server's defaults, each with its reason.
func dynamicConfig() *dynamicSettings {
	return &dynamicSettings{StaticClient: dynamicconfig.StaticClient{
		// A timer may fire this much late. On a scaled clock the default of 1 s would be hours.
		dynamicconfig.TimerProcessorMaxTimeShift.Key(): 10 * time.Millisecond,
		// So it reads the same second many times, as often as this allows, and must not take that for being stuck: what it then puts aside,
		// it comes back to when nothing else is due, and under load that was a minute late.
		dynamicconfig.TimerProcessorMaxPollRPS.Key():         100,
		dynamicconfig.QueueReaderStuckCriticalAttempts.Key(): 1_000_000,
		// Each read goes through what was done and not yet deleted, so that is deleted soon: with the default of 30 s it was a quarter of a
		// bench's processor time. Nor is a queue's range ever narrowed to what is left to do: all of that would be sorted again for each read.
		dynamicconfig.TimerProcessorUpdateAckInterval.Key():      2 * time.Second,
		dynamicconfig.TransferProcessorUpdateAckInterval.Key():   2 * time.Second,
		dynamicconfig.VisibilityProcessorUpdateAckInterval.Key(): 2 * time.Second,
		dynamicconfig.QueueShrinkPredicateMaxPendingKeys.Key():   0,
		// A queue's server-side rate is divided among its partitions: with one, it is exact.
		dynamicconfig.MatchingNumTaskqueueReadPartitions.Key():  1,
		dynamicconfig.MatchingNumTaskqueueWritePartitions.Key(): 1,
		// This server tells nobody that it runs.
		dynamicconfig.EnableServerVersionCheck.Key(): false,
	}}
}

// dynamicSettings are a dynamic configuration in which one setting changes once.
type dynamicSettings struct {
	dynamicconfig.StaticClient

	known atomic.Bool // every service knows the search attributes
}

// learning is how long, at the least, services take to know of search attributes: each looks every 2 s.
const learning = 10 * time.Second

// GetValue has search attributes read from the database in each use, so that new ones can be used at once, until they are known.
func (s *dynamicSettings) GetValue(key dynamicconfig.Key) []dynamicconfig.ConstrainedValue {
	if key == dynamicconfig.ForceSearchAttributesCacheRefreshOnRead.Key() {
		return []dynamicconfig.ConstrainedValue{{Value: !s.known.Load()}}
	}
	return s.StaticClient.GetValue(key)
}

// registered says that all search attributes there will be are in the database.
func (s *dynamicSettings) registered() { time.AfterFunc(learning, func() { s.known.Store(true) }) }
