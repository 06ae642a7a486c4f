package stack

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// holder names the process that listens on a TCP port, such as "postgres (process 4711)", or is empty where that can't
// be found out: another user's process shows its sockets only to root.
func holder(port string) string {
	for _, inode := range listeners(port) {
		if who := owns(inode); who != "" {
			return who
		}
	}
	return asLsof(port)
}

// listeners reads the sockets that listen on a port from Linux's tables: there, an address is HEXIP:HEXPORT, and state
// 0A is listening.
func listeners(port string) []string {
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil
	}
	suffix := fmt.Sprintf(":%04X", n)
	var inodes []string
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		text, err := os.ReadFile(table)
		if err != nil {
			continue // not Linux
		}
		for line := range strings.Lines(string(text)) {
			columns := strings.Fields(line)
			if len(columns) > 9 && strings.HasSuffix(columns[1], suffix) && columns[3] == "0A" {
				inodes = append(inodes, columns[9])
			}
		}
	}
	return inodes
}

// owns names the process that has a socket open.
func owns(inode string) string {
	descriptors, err := filepath.Glob("/proc/[0-9]*/fd/*")
	if err != nil {
		return ""
	}
	for _, descriptor := range descriptors {
		target, err := os.Readlink(descriptor)
		if err != nil || target != "socket:["+inode+"]" {
			continue
		}
		pid := strings.Split(descriptor, "/")[2]
		name, err := os.ReadFile("/proc/" + pid + "/comm")
		if err != nil {
			continue
		}
		return fmt.Sprintf("%s (process %s)", strings.TrimSpace(string(name)), pid)
	}
	return ""
}

// asLsof asks lsof, which is where /proc is not: it answers with lines "pPID" and "cNAME".
func asLsof(port string) string {
	out, err := exec.Command("lsof", "-nP", "-iTCP:"+port, "-sTCP:LISTEN", "-Fpc").Output()
	if err != nil {
		return ""
	}
	var pid string
	for line := range strings.Lines(string(out)) {
		line = strings.TrimSpace(line)
		if rest, found := strings.CutPrefix(line, "p"); found {
			pid = rest
		}
		if name, found := strings.CutPrefix(line, "c"); found && pid != "" {
			return fmt.Sprintf("%s (process %s)", name, pid)
		}
	}
	return ""
}
