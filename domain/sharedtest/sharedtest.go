// Package sharedtest finds for tests what belongs to others and so is not in the repository: published schemas and data to run against. It lies in a folder
// `shared` beside the repository, where that is developed.
package sharedtest

import (
	"os"
	"path/filepath"
	"testing"
)

// Path is where something of the folder lies. Without the folder the test is skipped; a folder without it fails the test.
func Path(tb testing.TB, parts ...string) string {
	tb.Helper()
	shared := filepath.Join(root(tb), "..", "shared")
	if _, err := os.Stat(shared); os.IsNotExist(err) {
		tb.Skipf("needs %s of the folder shared, which lies beside the repository where it is developed", filepath.Join(parts...))
	}
	path := filepath.Join(append([]string{shared}, parts...)...)
	if _, err := os.Stat(path); err != nil {
		tb.Fatal(err)
	}
	return path
}

// Read returns what a file of the folder holds, on the terms of Path.
func Read(tb testing.TB, parts ...string) []byte {
	tb.Helper()
	content, err := os.ReadFile(Path(tb, parts...))
	if err != nil {
		tb.Fatal(err)
	}
	return content
}

// root is the folder of the module, which holds go.mod.
func root(tb testing.TB) string {
	tb.Helper()
	folder, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder
		}
		if folder == filepath.Dir(folder) {
			tb.Fatal("no go.mod above the test")
		}
		folder = filepath.Dir(folder)
	}
}
