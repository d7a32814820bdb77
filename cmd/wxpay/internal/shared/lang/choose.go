package lang

import (
	"context"
	"strings"
)

// Flag is the name of the flag that chooses the language.
const Flag = "lang"

// A Name is the value of the flag: en, zh, or empty.
type Name string

// Set accepts the name of a language.
func (n *Name) Set(name string) error {
	if _, ok := named(name); !ok {
		return Errorf("%q is not a language of wxpay; use en or zh", name)
	}
	*n = Name(name)
	return nil
}

func (n *Name) String() string { return string(*n) }

// Type returns the names that the flag takes.
func (*Name) Type() string { return "en|zh" }

func named(name string) (l Language, ok bool) {
	switch name {
	case "en":
		return Language{}, true
	case "zh":
		return Chinese(), true
	}
	return Language{}, false
}

// FromArgs returns the language that the flag chooses, wherever it is among the arguments
// of the program, or else other. It looks before the arguments are parsed, because an
// error of another argument is said in this language as well.
func FromArgs(args []string, other Language) Language {
	for i, arg := range args {
		if arg == "--" {
			break
		}
		name, found := strings.CutPrefix(arg, "--"+Flag+"=")
		if arg == "--"+Flag && i+1 < len(args) {
			name, found = args[i+1], true
		}
		if l, ok := named(name); ok && found {
			other = l
		}
	}
	return other
}

// FromEnvironment returns the language of messages that the environment chooses, as POSIX
// and gettext say: by the first of LC_ALL, LC_MESSAGES and LANG that is not empty, and
// unless that is C, by the first language in LANGUAGE that wxpay speaks.
func FromEnvironment(getenv func(name string) string) Language {
	locale := ""
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if locale = getenv(name); locale != "" {
			break
		}
	}
	switch languageOf(locale) {
	case "", "c", "posix":
		return Language{}
	}
	for _, wanted := range append(strings.Split(getenv("LANGUAGE"), ":"), locale) {
		if l, ok := named(languageOf(wanted)); ok {
			return l
		}
	}
	return Language{}
}

// languageOf returns the language of a locale such as zh_CN.UTF-8.
func languageOf(locale string) string {
	if i := strings.IndexAny(locale, "_-.@"); i >= 0 {
		locale = locale[:i]
	}
	return strings.ToLower(locale)
}

type key struct{}

// With returns a context that carries the language.
func With(ctx context.Context, l Language) context.Context { return context.WithValue(ctx, key{}, l) }

// From returns the language that a context carries, or English.
func From(ctx context.Context) Language {
	l, _ := ctx.Value(key{}).(Language)
	return l
}
