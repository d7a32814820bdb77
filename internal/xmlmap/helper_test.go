package xmlmap_test

type m = map[string]any

// readBack is what encoded fields are when they have been decoded.
func readBack(value any) any {
	switch v := value.(type) {
	case map[string]any:
		fields := make(m)
		for name, value := range v {
			list, ok := value.([]any)
			switch {
			case ok && len(list) == 0:
				continue
			case ok && len(list) == 1:
				value = list[0]
			}
			fields[name] = readBack(value)
		}
		if len(fields) == 0 {
			return ""
		}
		return fields
	case []any:
		list := make([]any, len(v))
		for i, value := range v {
			list[i] = readBack(value)
		}
		return list
	}
	return value
}

// nested is depth maps, one in the other.
func nested(depth int) m {
	fields := m{"a": "1"}
	for range depth - 1 {
		fields = m{"a": fields}
	}
	return fields
}
