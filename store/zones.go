package store

import (
	"fmt"
	"sync"
	"time"
)

// zones remembers the time zones that profiles name: loading one reads a file. There are some 600.
type zones struct {
	loaded sync.Map // name to *time.Location
}

func (z *zones) load(name string) (*time.Location, error) {
	if known, ok := z.loaded.Load(name); ok {
		return known.(*time.Location), nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("time zone %q: %w", name, err)
	}
	z.loaded.Store(name, zone)
	return zone, nil
}
