package main

import (
	"path/filepath"
	"testing"
)

func TestTheNamespaceOfContainersGetsEverySearchAttribute(t *testing.T) {
	t.Parallel()
	script := readFile(t, filepath.Join("..", "deploy", "temporal", "namespace.sh"))
	for _, key := range searchAttributes() {
		says(t, script, "--name "+key.GetName()+" --type "+key.GetValueType().String())
	}
}
