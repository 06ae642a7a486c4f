package stack

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
)

// Only Linux can signal a process when its parent dies.

// dyingParent makes the test binary, started anew, the parent that is killed. Its value is a folder for it.
const dyingParent = "PERENNIAL_TEST_DYING_PARENT"

func TestDiesWithItsParent(t *testing.T) {
	t.Parallel()
	if os.Getenv(dyingParent) != "" {
		_, out := startShell(t, Command{}, `trap '' HUP TERM; echo $$; while :; do sleep 1; done`)
		if _, err := io.Copy(os.Stdout, out); err != nil {
			t.Fatal(err)
		}
		return
	}
	untilDead(t, orphan(t, t.TempDir()))
}

// orphan runs the same test as a parent that prints the process id of its child, kills it as soon as it has, and returns
// that id.
func orphan(t *testing.T, folder string) int {
	t.Helper()
	parent := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	parent.Env = append(os.Environ(), dyingParent+"="+folder)
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	child := pidFrom(t, out)
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := parent.Wait(); err == nil {
		t.Error("the parent ended well")
	}
	return child
}

func TestAClusterDiesWithItsParent(t *testing.T) {
	t.Parallel()
	if folder := os.Getenv(dyingParent); folder != "" {
		if _, err := fmt.Println(startCluster(t, folder).PID()); err != nil {
			t.Fatal(err)
		}
		<-t.Context().Done()
		return
	}
	folder := t.TempDir()
	untilDead(t, orphan(t, folder))
	startCluster(t, folder)
}
