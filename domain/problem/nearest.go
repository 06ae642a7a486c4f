package problem

import (
	"slices"
	"strings"
)

// Suggest says what to write instead of a name that is not known: the nearest known name, or all of them when none is near and they
// are few. It is empty when there is nothing useful to say.
func Suggest(name string, known []string) string {
	if nearest, ok := Nearest(name, known); ok {
		return "did you mean " + nearest + "?"
	}
	const few = 8
	if len(known) == 0 || len(known) > few {
		return ""
	}
	sorted := slices.Sorted(slices.Values(known))
	if len(sorted) == 1 {
		return "write " + sorted[0]
	}
	last := len(sorted) - 1
	return "write " + strings.Join(sorted[:last], ", ") + " or " + sorted[last]
}

// Nearest returns the known name that is the fewest typing mistakes away from name; not ok when even that one is too far to be meant.
func Nearest(name string, known []string) (string, bool) {
	const longest = 64 // a longer name is no slip of the fingers
	if len(name) > longest {
		return "", false
	}
	best, fewest := "", 1+len([]rune(name))/3
	for _, candidate := range slices.Sorted(slices.Values(known)) {
		if len(candidate) > longest {
			continue
		}
		if n := mistakes([]rune(name), []rune(candidate)); n < fewest || n == fewest && best == "" {
			best, fewest = candidate, n
		}
	}
	return best, best != ""
}

// Slip says whether two names are the same, but for one typing mistake at most.
func Slip(name, other string) bool { return mistakes([]rune(name), []rune(other)) <= 1 }

// mistakes counts the letters to add, drop, change or swap with their neighbour to get from a to b.
func mistakes(a, b []rune) int {
	before, above, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range above {
		above[j] = j
	}
	for i := range a {
		row[0] = i + 1
		for j := range b {
			change := above[j]
			if a[i] != b[j] {
				change++
			}
			row[j+1] = min(change, above[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, above, row = above, row, before
	}
	return above[len(b)]
}
