package bench

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"

	"go.temporal.io/api/workflowservice/v1"
)

// Machine is what it ran on. What a system does not tell is empty.
type Machine struct {
	CPU         string  `json:"cpu"`
	Cores       int     `json:"cores"`
	MemoryBytes int64   `json:"memory_bytes"`
	System      string  `json:"system"`
	Load        float64 `json:"load"` // of the minute before: above the rest of a quiet machine, the figures are worth less
}

// Versions are those of what was measured.
type Versions struct {
	Perennial  string `json:"perennial"`
	Go         string `json:"go"`
	SDK        string `json:"sdk"`
	Server     string `json:"server"`
	Database   string `json:"database"` // Temporal's
	Shards     int    `json:"shards"`
	PostgreSQL string `json:"postgresql"` // ours
}

func (b *bench) look(ctx context.Context) (Machine, Versions, error) {
	v := Versions{Perennial: "of an unknown commit", Go: runtime.Version()}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" {
				v.Perennial = setting.Value[:min(12, len(setting.Value))]
			}
		}
		for _, dependency := range info.Deps {
			if dependency.Path == "go.temporal.io/sdk" {
				v.SDK = dependency.Version
			}
		}
	}
	cluster, err := b.Temporal.WorkflowService().GetClusterInfo(ctx, &workflowservice.GetClusterInfoRequest{})
	if err != nil {
		return Machine{}, v, fmt.Errorf("ask Temporal what it is: %w", err)
	}
	v.Server, v.Database, v.Shards = cluster.GetServerVersion(), cluster.GetPersistenceStore(), int(cluster.GetHistoryShardCount())
	if err := b.db.QueryRow(ctx, "show server_version").Scan(&v.PostgreSQL); err != nil {
		return Machine{}, v, asked("ask the database what it is", err)
	}
	return machine(), v, nil
}

func machine() Machine {
	m := Machine{Cores: runtime.NumCPU(), System: runtime.GOOS + "/" + runtime.GOARCH}
	// Only Linux has these files, and not on every processor the model's name.
	processors, _ := os.ReadFile("/proc/cpuinfo")
	m.CPU = cmp.Or(field(processors, "model name", ""), field(processors, "Model", ""))
	memory, _ := os.ReadFile("/proc/meminfo")
	kilobytes, _ := strconv.ParseInt(field(memory, "MemTotal", " kB"), 10, 64)
	m.MemoryBytes = kilobytes * 1024
	load, _ := os.ReadFile("/proc/loadavg")
	minute, _, _ := strings.Cut(string(load), " ")
	m.Load, _ = strconv.ParseFloat(minute, 64)
	return m
}
