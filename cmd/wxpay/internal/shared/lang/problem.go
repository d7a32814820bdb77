package lang

import (
	"regexp"
	"strings"

	"github.com/wxchain/wechatpay/openapi"
)

// problemsText says the mistakes that the catalogue finds in a request. In English they
// are the text of the error.
func problemsText(err *openapi.ValidationError) Text {
	var problems Clauses
	for _, p := range err.Problems {
		problems = append(problems, problemText(p))
	}
	return Sprintf("%s has %d mistakes: %s", err.Operation.String(), len(problems), problems)
}

func problemText(p openapi.Problem) Text {
	said := messageText(p.Message)
	if p.Nearest != "" {
		said = Sprintf("%s, did you mean %s?", said, p.Nearest)
	}
	place := placeText(p.In)
	switch {
	case p.Field == "":
		return Sprintf("%s: %s", place, said)
	case p.Label == "":
		return Sprintf("%s %s: %s", place, p.Field, said)
	}
	return Sprintf("%s %s (%s): %s", place, p.Field, p.Label, said)
}

func placeText(in string) Text {
	switch in {
	case "path":
		return Phrase("path")
	case "query":
		return Phrase("query")
	case "header":
		return Phrase("header")
	}
	return Phrase("body")
}

// A messageForm is a message of a problem, and its text with the groups of the match. A
// group that is a type is said in the language.
type messageForm struct {
	re     *regexp.Regexp
	format Phrase
}

const typeNames = `((?:an? )?(?:object|array|boolean|string|number|integer|text|null))`

func messageForms() []messageForm {
	return []messageForm{
		{regexp.MustCompile(`^required, missing$`), "required, and missing"},
		{regexp.MustCompile(`^required, (?:empty|null)$`), "required, and empty"},
		{regexp.MustCompile(`^one of (.+) is missing$`), "one of these is needed: %s"},
		{regexp.MustCompile(`^` + typeNames + `, want ` + typeNames + `$`), "its type is %s, want %s"},
		{regexp.MustCompile(`^not ` + typeNames + `$`), "it is not %s"},
		{regexp.MustCompile(`^(\d+) characters, want at most (\d+)$`), "it has %s characters, want at most %s"},
		{regexp.MustCompile(`^(\d+) characters, want at least (\d+)$`), "it has %s characters, want at least %s"},
		{regexp.MustCompile(`^less than (\S+)$`), "it is less than %s"},
		{regexp.MustCompile(`^more than (\S+)$`), "it is more than %s"},
		{regexp.MustCompile(`^not in the range of (\S+)$`), "it is not in the range of %s"},
		{regexp.MustCompile(`^out of all bounds$`), "it is out of all bounds"},
		{regexp.MustCompile(`^not one of (.+)$`), "it is not one of the documented values %s"},
		{regexp.MustCompile(`^not a time like (\S+)$`), "it is not a time such as %s"},
		{regexp.MustCompile(`^not a date like (\S+)$`), "it is not a date such as %s"},
		{regexp.MustCompile(`^not a text of JSON$`), "it is not a text of JSON"},
		{regexp.MustCompile(`^given more than once$`), "it is given more than once"},
		{regexp.MustCompile(`^unknown$`), "it is not documented"},
		{regexp.MustCompile(`^none is documented$`), "the operation takes none"},
		{regexp.MustCompile(`^malformed$`), "it is malformed"},
		{regexp.MustCompile(`^not valid JSON$`), "it is not valid JSON"},
		{regexp.MustCompile(`^not valid XML$`), "it is not valid XML"},
	}
}

// messageText says the message of a problem. A message that it does not know stays as it
// is.
func messageText(message string) Text {
	for _, form := range messageForms() {
		m := form.re.FindStringSubmatch(message)
		if m == nil {
			continue
		}
		var args []any
		for _, group := range m[1:] {
			args = append(args, typeText(group))
		}
		return Sprintf(string(form.format), args...)
	}
	return Sprintf("%s", message)
}

// typeText says the name of a type, or a list. Other words stay as they are.
func typeText(word string) Text {
	if names := strings.Split(word, ", "); len(names) > 1 {
		return Words(names)
	}
	switch word {
	case "an object":
		return Phrase("an object")
	case "an array":
		return Phrase("an array")
	case "a boolean":
		return Phrase("a boolean")
	case "a string":
		return Phrase("a string")
	case "a number":
		return Phrase("a number")
	case "an integer":
		return Phrase("an integer")
	case "a text":
		return Phrase("a text")
	}
	return Sprintf("%s", word)
}
