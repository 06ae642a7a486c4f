package store

// The domain says "none" with a zero value, the database with null.

func orZero[T any](nullable *T) (value T) {
	if nullable == nil {
		return value
	}
	return *nullable
}

func orNull[T comparable](value T) *T {
	var none T
	if value == none {
		return nil
	}
	return &value
}

// orEmpty is for columns that hold an empty array rather than null.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
