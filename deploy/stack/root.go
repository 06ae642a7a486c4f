package stack

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Root returns the clone that holds folder: the nearest folder upwards whose go.mod is that of module perennial.
func Root(folder string) (string, error) {
	from, err := filepath.Abs(folder)
	if err != nil {
		return "", fmt.Errorf("finding the clone of Perennial: %w", err)
	}
	for at := from; ; at = filepath.Dir(at) {
		found, err := isRoot(at)
		if err != nil {
			return "", fmt.Errorf("finding the clone of Perennial: %w", err)
		}
		if found {
			return at, nil
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("%s is not inside a clone of Perennial: run this there", from)
		}
	}
}

func isRoot(folder string) (bool, error) {
	file, err := os.Open(filepath.Join(folder, "go.mod"))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer func() { _ = file.Close() }() // it was only read
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if module, found := strings.CutPrefix(lines.Text(), "module "); found {
			return strings.TrimSpace(module) == "perennial", nil
		}
	}
	return false, lines.Err()
}
