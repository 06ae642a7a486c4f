package stack

import (
	"bytes"
	"os"
)

// lastLine is the last thing that a program wrote into its log before it failed to start. Later, when it has served
// customers' data, its log is not to be shown.
func lastLine(log string) string {
	text, err := os.ReadFile(log)
	if err != nil {
		return "it left no log"
	}
	text = bytes.TrimSpace(text)
	return string(text[bytes.LastIndexByte(text, '\n')+1:])
}
