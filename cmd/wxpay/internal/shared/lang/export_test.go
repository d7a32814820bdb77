package lang

// Texts are the Chinese texts of messages by the English ones.
func Texts() map[string]string { return Chinese().texts }

// HelpTables are the Chinese paragraphs of help by the English ones.
func HelpTables() []map[string]string { return helpTables() }

// Tables are the tables that [Texts] has.
func Tables() []map[string]string { return tables() }

// Joined returns a text with a blank in place of white space.
func Joined(text string) string { return joined(text) }
