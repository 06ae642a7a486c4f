package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// The limits of an event's data. They are far above what systems say and far below what hurts: whatever is kept is read again and again, and a
// number that is short as it came may be written out in full.
const (
	maxData      = 256 << 10 // bytes
	maxNested    = 32        // objects and lists in each other
	maxNumberLen = 100       // characters of a number
)

// unkeepable says why raw can't be kept as the data of an event; empty where it can.
func unkeepable(raw []byte) string {
	if !bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) || !json.Valid(raw) || hasNUL(raw) {
		return "write a JSON object, without the character U+0000"
	}
	if len(raw) > maxData {
		return fmt.Sprintf("it has more than %d KB; keep it elsewhere, and say where", maxData>>10)
	}
	values := json.NewDecoder(bytes.NewReader(raw))
	values.UseNumber()
	for nested := 0; ; {
		token, err := values.Token()
		if err != nil { // it is valid, so this is its end
			return ""
		}
		switch token := token.(type) {
		case json.Delim:
			if nested--; token == '{' || token == '[' {
				nested += 2
			}
			if nested > maxNested {
				return fmt.Sprintf("it has more than %d objects and lists in each other", maxNested)
			}
		case json.Number:
			if n, err := strconv.ParseFloat(string(token), 64); err != nil || math.IsInf(n, 0) || len(token) > maxNumberLen {
				return "a number in it is too large; write it as text"
			}
		}
	}
}

// hasNUL says whether a JSON text has the character in it that PostgreSQL can't keep.
func hasNUL(raw []byte) bool {
	return bytes.Contains(raw, []byte(`\u0000`)) && strings.Contains(strings.ReplaceAll(string(raw), `\\`, ""), `\u0000`)
}
