package customer

import (
	"fmt"
	"strconv"
	"strings"
)

// Written is a value of an attribute, as decoded JSON has it, in the way that people write it: 12, 99.5, "jazz, chess".
func Written(value any) string {
	switch value := value.(type) {
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64)
	case []any:
		items := make([]string, len(value))
		for i, item := range value {
			items[i] = Written(item)
		}
		return strings.Join(items, ", ")
	}
	return fmt.Sprint(value)
}
