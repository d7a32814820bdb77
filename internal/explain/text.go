package explain

// A Text is a text in Chinese and in English.
type Text struct{ ZH, EN string }

// Both returns the text in both languages, or once if it is the same in both.
func (t Text) Both() string {
	if t.ZH == t.EN {
		return t.EN
	}
	return t.ZH + " · " + t.EN
}

// In returns the text in Chinese if zh is true, and in English otherwise.
func (t Text) In(zh bool) string {
	if zh {
		return t.ZH
	}
	return t.EN
}
