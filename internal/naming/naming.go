// Package naming makes a tree of the templates of operations and names its nodes.
// Only this package decides how the typed tree of package wechatpay is spelled.
package naming

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/wxchain/wechatpay/internal/uritemplate"
)

// shared are the methods that every node has in addition to its own. A segment
// must not have their names. Bind is not in the list: two segments have that name
// and hide the method.
var shared = [...]string{"Chain", "Do", "LogValue", "Segment", "String", "URL"}

// A Node is a place in the tree of templates. The root has no segment.
type Node struct {
	// Segment is the segment as the template spells it: "users" or "{openid}".
	Segment string
	// Name is the name of the method that leads to the node: "Users", "CouponID".
	Name string
	// OldName is the name of the deprecated method that also leads to the node,
	// or "" if the name never changed.
	OldName string
	// Verbs are the HTTP methods of the operations that end here.
	Verbs []string
	// Slashed reports whether the templates of Verbs end in a slash.
	Slashed bool
	// Slash has the verbs whose templates end in a slash, if other verbs have
	// none; otherwise it is nil. Its method is Slash, and it has no children.
	Slash *Node
	// Children are sorted by segment.
	Children []*Node

	parent   *Node
	slashing []string // verbs with a slash at the end, while the tree grows
}

// Grow makes a tree of operations, which are pairs of an HTTP method and a
// template, and names its nodes. The error reports everything that keeps the tree
// from being written in Go, with the templates at fault.
func Grow(operations iter.Seq2[string, string]) (*Node, error) {
	root := new(Node)
	var problems []error
	for method, template := range operations {
		if err := root.add(method, template); err != nil {
			problems = append(problems, err)
		}
	}
	root.settle()
	problems = append(problems, root.check()...)
	return root, errors.Join(problems...)
}

func (n *Node) add(method, template string) error {
	if method == "" || strings.Trim(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return fmt.Errorf("%s: the method %q is none of HTTP", template, method)
	}
	path, slashed := strings.CutSuffix(template, "/")
	for segment := range strings.SplitSeq(path, "/") {
		if _, ok := uritemplate.Variable(segment); !ok && !isLiteral(segment) {
			return fmt.Errorf("%s %s: the segment %q is neither a literal nor a {variable}", method, template, segment)
		}
		n = n.grow(segment)
	}
	verbs := &n.Verbs
	if slashed {
		verbs = &n.slashing
	}
	if slices.Contains(*verbs, method) {
		return fmt.Errorf("%s %s is in the catalogue twice", method, template)
	}
	*verbs = append(*verbs, method)
	return nil
}

func isLiteral(segment string) bool {
	return segment != "" && !strings.ContainsAny(segment, "{}?#")
}

func (n *Node) grow(segment string) *Node {
	i, found := slices.BinarySearchFunc(n.Children, segment, func(c *Node, segment string) int {
		return strings.Compare(c.Segment, segment)
	})
	if !found {
		n.Children = slices.Insert(n.Children, i, &Node{Segment: segment, parent: n})
	}
	return n.Children[i]
}

// settle names all nodes below a node, and decides which verbs have the slash.
func (n *Node) settle() {
	slices.Sort(n.Verbs)
	slices.Sort(n.slashing)
	switch {
	case len(n.slashing) == 0:
	case len(n.Verbs) == 0:
		n.Verbs, n.Slashed = n.slashing, true
	default:
		n.Slash = &Node{Name: "Slash", Verbs: n.slashing, Slashed: true, parent: n}
	}
	same := make(map[string]int)
	for _, c := range n.Children {
		c.Name = Name(c.Segment)
		same[c.Name]++
	}
	for _, c := range n.Children {
		keep := ""
		if same[c.Name] > 1 && strings.Contains(c.Segment, "_") {
			keep = "_"
		}
		c.Name = join(c.Segment, keep, raise)
		if old := join(c.Segment, keep, raiseFirst); old != c.Name {
			c.OldName = old
		}
		c.settle()
	}
}

// check returns what is wrong with the names of all nodes below a node.
func (n *Node) check() (problems []error) {
	taken := make(map[string]string)
	if n.parent != nil {
		for _, name := range shared {
			taken[name] = fmt.Sprintf("the method %s, which every node has", name)
		}
	}
	for _, verb := range n.Verbs {
		method := Verb(verb)
		operation := fmt.Sprintf("of the operation %s %s", verb, n.Template())
		taken[method] = fmt.Sprintf("the verb %s %s", method, operation)
		taken[method+"Async"] = fmt.Sprintf("the verb %sAsync %s", method, operation)
	}
	if n.Slash != nil {
		taken["Slash"] = fmt.Sprintf("the method Slash, which leads to %s", n.Slash.Template())
	}
	for _, c := range n.Children {
		if first, _ := utf8.DecodeRuneInString(c.Name); !unicode.IsUpper(first) {
			problems = append(problems, fmt.Errorf("%s: the segment %q would be the method %q, which is not an exported name in Go", c.Template(), c.Segment, c.Name))
		}
		for _, name := range [...]string{c.Name, c.OldName} {
			if name == "" {
				continue
			}
			if other, ok := taken[name]; ok {
				problems = append(problems, fmt.Errorf("%s: the segment %q would be the method %s, and so is %s", c.Template(), c.Segment, name, other))
			}
			taken[name] = "that of " + c.Template()
		}
		problems = append(problems, c.check()...)
	}
	return problems
}

// Template returns the template of the node's verbs.
func (n *Node) Template() string {
	t := n.path("/", func(n *Node) string { return n.Segment })
	if n.Slashed {
		t += "/"
	}
	return t
}

// TypeName returns the name of the node's type, such as v3MarketingFavorUsers.
func (n *Node) TypeName() string {
	var names []string
	for ; n.parent != nil; n = n.parent {
		names = append(names, n.Name)
	}
	slices.Reverse(names)
	names[0] = strings.ToLower(names[0]) // the first name, such as v3 or hk
	return strings.Join(names, "")
}

// Calls returns the method calls that lead to the node: V3().Marketing().Favor().
func (n *Node) Calls() string {
	return n.path(".", func(n *Node) string { return n.Name + "()" })
}

// path joins what part returns for the nodes from the root's child down to n.
func (n *Node) path(separator string, part func(*Node) string) string {
	var parts []string
	for ; n.parent != nil; n = n.parent {
		if p := part(n); p != "" { // a Slash has no segment
			parts = append(parts, p)
		}
	}
	slices.Reverse(parts)
	return strings.Join(parts, separator)
}

// Variable returns the name in the braces of a variable's segment, or "".
func (n *Node) Variable() string {
	name, _ := uritemplate.Variable(n.Segment)
	return name
}

// Find returns the node of an operation, or nil.
func (n *Node) Find(method, template string) *Node {
	path, slashed := strings.CutSuffix(template, "/")
	for segment := range strings.SplitSeq(path, "/") {
		i := slices.IndexFunc(n.Children, func(c *Node) bool { return c.Segment == segment })
		if i < 0 {
			return nil
		}
		n = n.Children[i]
	}
	if slashed && n.Slash != nil {
		n = n.Slash
	}
	if n.Slashed != slashed || !slices.Contains(n.Verbs, method) {
		return nil
	}
	return n
}

// All yields the node and all nodes below it, in the order of their templates.
func (n *Node) All() iter.Seq[*Node] {
	return func(yield func(*Node) bool) { n.each(yield) }
}

func (n *Node) each(yield func(*Node) bool) bool {
	if !yield(n) || n.Slash != nil && !yield(n.Slash) {
		return false
	}
	for _, c := range n.Children {
		if !c.each(yield) {
			return false
		}
	}
	return true
}

// Name returns the name of a segment in Go. It splits the segment into words at
// every character that is not a letter or a digit, and raises the first letter of
// each word, or the whole word if it is an initialism.
func Name(segment string) string { return join(segment, "", raise) }

// join joins the words of a segment, raised. The characters of keep do not split
// words.
func join(segment, keep string, raise func(word string) string) string {
	var b strings.Builder
	for word := range strings.FieldsFuncSeq(strings.Trim(segment, "{}"), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(keep, r)
	}) {
		b.WriteString(raise(word))
	}
	return b.String()
}

// initialisms are the words that Go writes in capitals, as listed by
// staticcheck's ST1003, and HK for Hong Kong. They do not include WeChat's own
// words, such as openid and mchid.
const initialisms = " ACL API ASCII CPU CSS DNS EOF GUID HTML HTTP HTTPS ID IP JSON QPS RAM RPC SLA SMTP SQL SSH TCP TLS TTL " +
	"UDP UI GID UID UUID URI URL UTF8 VM XML XMPP XSRF XSS SIP RTP AMQP DB TS HK "

func raise(word string) string {
	if upper := strings.ToUpper(word); strings.Contains(initialisms, " "+upper+" ") {
		return upper
	}
	return raiseFirst(word)
}

func raiseFirst(word string) string { return mapFirst(unicode.ToUpper, word) }

func mapFirst(mapping func(rune) rune, word string) string {
	first, size := utf8.DecodeRuneInString(word)
	return string(mapping(first)) + word[size:]
}

// Verb returns the name of an HTTP method in Go: Post for POST.
func Verb(method string) string {
	return method[:1] + strings.ToLower(method[1:])
}
