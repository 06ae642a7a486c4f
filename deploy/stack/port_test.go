package stack

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

func TestTheHolderOfATakenPortIsNamed(t *testing.T) {
	t.Parallel()
	l, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }() // the test is over
	_, err = Listen(l.Addr().String())
	if _, missing := exec.LookPath("lsof"); missing != nil && runtime.GOOS != "linux" { // nobody can find out who
		if err == nil || !strings.Contains(err.Error(), "is taken by another program") {
			t.Errorf("got %v", err)
		}
		return
	}
	if want := fmt.Sprintf("(process %d)", os.Getpid()); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
	name := filepath.Base(os.Args[0])[:8]
	if err == nil || !strings.Contains(err.Error(), name) {
		t.Errorf("got %v, want the program's name, %s…", err, name)
	}
}

func TestAFreePortCanBeListenedOn(t *testing.T) {
	t.Parallel()
	port, err := FreePort()
	if err != nil {
		t.Fatal(err)
	}
	if err := CheckPort("127.0.0.1:" + strconv.Itoa(port)); err != nil {
		t.Error(err)
	}
}
