package stack

import (
	"errors"
	"path/filepath"
	"testing"

	"go.temporal.io/sdk/client"
)

func TestATemporalOfFourProcessesOutlivesEachOfThem(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	group := NewGroup(t.Context())
	t.Cleanup(func() {
		if err := group.Stop(); err != nil {
			t.Error(err)
		}
	})
	cluster, err := StartCluster(t.Context(), ClusterOptions{Folder: filepath.Join(folder, "postgres"), Throwaway: true})
	if err != nil {
		t.Fatal(err)
	}
	group.Add("PostgreSQL", cluster)
	root, err := Here()
	if err != nil {
		t.Fatal(err)
	}
	log := func(name string) string { return filepath.Join(folder, name+".log") }
	members, frontend, err := Members(t.Context(), root, cluster.URL(), log, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	running := map[string]*Process{}
	for _, m := range members {
		p, err := m.Command.Start()
		if err != nil {
			t.Fatal(err)
		}
		running[m.Service] = p
		group.Add(m.Command.Name, p)
		if err := m.Ready(t.Context()); err != nil {
			t.Fatal(errors.Join(err, p.Err()))
		}
	}
	c, err := client.DialContext(t.Context(), client.Options{HostPort: frontend})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for service, p := range running {
		if err := p.Replace(); err != nil {
			t.Fatal(err)
		}
		id := "after " + service
		for {
			_, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: id, TaskQueue: "nobody"}, "Journey")
			if err == nil {
				break
			}
			if t.Context().Err() != nil {
				t.Fatalf("%s was killed, and no workflow starts any more: %v", service, err)
			}
		}
		if _, err := c.DescribeWorkflowExecution(t.Context(), id, ""); err != nil {
			t.Errorf("after %s was killed: %v", service, err)
		}
	}
}
