package message

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/osteele/liquid/parser"

	"perennial/domain/customer"
	"perennial/domain/problem"
	"perennial/domain/segment"
)

// checker looks at all of a template, the branches that are rarely taken too: every name must be in the catalogue, and what may be
// empty must have a default or stand behind a condition on it.
type checker struct {
	variables map[string]variable
	filters   map[string]filter
	at        func(offset int) problem.Place // where an offset in the text, in bytes, lies in the file
	problems  *problem.List
	never     *problem.List               // of what is not rendered, whoever let it through: it might read files, or never end
	things    map[customer.ThingKind]bool // which are named
	unknown   map[string]bool             // the tags that were refused
	blocks    []block                     // those that are open, the innermost last
}

// block is an open {% if %}, {% unless %} or {% case %}.
type block struct {
	tag    string
	offset int
	known  []string     // what is there for sure in the branch at hand
	other  []string     // what will be in the branch after {% else %}
	ended  bool         // {% else %} was there
	of     segment.Type // of a case: the type of what it is about
}

// check adds to problems what is wrong with text.
func (c *checker) check(text string) {
	offset := 0
	var verbatim block // the {% comment %} or {% raw %} that is open: nothing in it is looked at
	for _, token := range parser.Scan(text, parser.SourceLoc{}, nil) {
		isTag := token.Type == parser.TagTokenType
		switch {
		case verbatim.tag != "":
			if isTag && token.Name == "end"+verbatim.tag {
				verbatim = block{}
			}
		case isTag && (token.Name == "comment" || token.Name == "raw"):
			verbatim = block{tag: token.Name, offset: offset}
		case isTag:
			c.tag(token, offset)
		case token.Type == parser.ObjTokenType:
			c.output(token.Args, offset+argsStart(token))
		case token.Type == parser.TextTokenType:
			c.text(token.Source, offset)
		}
		offset += len(token.Source)
	}
	if verbatim.tag != "" {
		c.blocks = append(c.blocks, verbatim)
	}
	for _, open := range c.blocks {
		c.add(open.offset, "this "+open.tag+" is never closed", "write {% end"+open.tag+" %} where it ends")
	}
}

// argsStart returns where in a token's source its arguments begin.
func argsStart(token parser.Token) int {
	rest := strings.TrimLeft(strings.TrimPrefix(token.Source[2:], "-"), " \t\r\n")
	rest = strings.TrimLeft(strings.TrimPrefix(rest, token.Name), " \t\r\n")
	return len(token.Source) - len(rest)
}

// text finds what looks like Liquid in plain text, which Liquid would print as it is.
func (c *checker) text(text string, offset int) {
	for _, mark := range []string{"{{", "{%", "}}", "%}"} {
		if i := strings.Index(text, mark); i >= 0 {
			c.add(offset+i, mark+" has no partner on its line", "close it on the same line, or leave it out")
			return
		}
	}
}

func (c *checker) tag(token parser.Token, offset int) {
	args := offset + argsStart(token)
	switch token.Name {
	case "if", "unless", "case":
		if len(c.blocks) == maxBlocks {
			c.never.Add(c.at(offset), fmt.Sprintf("this stands inside %d others", maxBlocks), "decide in the journey which template it sends")
		}
	}
	switch token.Name {
	case "if", "unless":
		known := c.condition(token.Args, args)
		open := block{tag: token.Name, offset: offset, known: known}
		if token.Name == "unless" {
			open.known, open.other = nil, known
		}
		c.blocks = append(c.blocks, open)
	case "case":
		c.blocks = append(c.blocks, block{tag: token.Name, offset: offset, of: c.subject(token.Args, args)})
	case "elsif", "else", "when":
		c.branch(token, offset, args)
	case "endif", "endunless", "endcase":
		c.close(token.Name, offset)
	default:
		c.unknownTag(token.Name, offset)
	}
}

var tags = []string{"if", "elsif", "else", "endif", "unless", "endunless", "case", "when", "endcase", "comment", "endcomment", "raw", "endraw"}

func (c *checker) unknownTag(name string, offset int) {
	if opened, isEnd := strings.CutPrefix(name, "end"); isEnd && c.unknown[opened] {
		return // said where it was opened
	}
	if c.unknown == nil {
		c.unknown = map[string]bool{}
	}
	c.unknown[name] = true
	mend := problem.Suggest(name, tags)
	if name == "for" || name == "tablerow" {
		mend = `print a list with {{ … | join: ", " }}`
	}
	c.never.Add(c.at(offset), name+" can't be used in a template", mend)
}

// maxBlocks is how deep an {% if %} may stand inside others.
const maxBlocks = 32

func (c *checker) branch(token parser.Token, offset, args int) {
	parents := map[string][]string{"elsif": {"if"}, "else": {"if", "unless", "case"}, "when": {"case"}}[token.Name]
	if len(c.blocks) == 0 || !slices.Contains(parents, c.blocks[len(c.blocks)-1].tag) || c.blocks[len(c.blocks)-1].ended {
		c.add(offset, token.Name+" stands alone", "put it inside "+strings.Join(parents, ", ")+", before any else")
		return
	}
	var known []string
	switch token.Name {
	case "elsif":
		known = c.condition(token.Args, args)
	case "when":
		c.choices(token.Args, args, c.blocks[len(c.blocks)-1].of)
	}
	open := &c.blocks[len(c.blocks)-1]
	open.known = known
	if token.Name == "else" {
		open.known, open.ended = open.other, true
	}
}

func (c *checker) close(name string, offset int) {
	if len(c.blocks) == 0 {
		c.add(offset, name+" closes nothing", "leave it out")
		return
	}
	open := c.blocks[len(c.blocks)-1]
	if "end"+open.tag != name {
		c.add(offset, name+" can't close "+open.tag, "write {% end"+open.tag+" %} first")
		return
	}
	c.blocks = c.blocks[:len(c.blocks)-1]
}

// condition checks a condition and returns what is there for sure where it holds.
func (c *checker) condition(source string, offset int) []string {
	parsed, err := parseCondition(source)
	if err != nil {
		c.addSyntax(err, offset)
		return nil
	}
	for _, x := range parsed.compared {
		c.comparison(x, offset)
	}
	var known []string
	for _, o := range parsed.bare {
		c.known(o, offset)
		known = append(known, o.path)
	}
	if parsed.either {
		return nil
	}
	return known
}

// comparison refuses what Liquid would call false without a word: it compares things of different types so, and dates in any way.
func (c *checker) comparison(x comparison, offset int) {
	left, ok := c.known(x.left, offset)
	right, alsoOK := c.known(x.right, offset)
	if !ok || !alsoOK {
		return
	}
	at := offset + x.operator.offset
	if left.is == segment.Date || right.is == segment.Date {
		c.add(at, "a template can't compare dates", "let the journey decide, with an if, which template it sends")
		return
	}
	if !mayCompare(x.operator.text, left.is, right.is) {
		c.add(at, fmt.Sprintf("%s can't be applied to %s and %s", x.operator.text, left.is, right.is), "compare text with text in quotes, and numbers with numbers")
	}
}

func mayCompare(operator string, left, right segment.Type) bool {
	numbers := []segment.Type{segment.Int, segment.Double}
	bothNumbers := slices.Contains(numbers, left) && slices.Contains(numbers, right)
	switch operator {
	case "contains":
		element, isList := left.Element()
		return left == segment.String && right == segment.String || isList && element == right
	case "==", "!=":
		_, isList := left.Element()
		return left == right && !isList || bothNumbers
	}
	return left == right && left == segment.String || bothNumbers
}

// subject checks what a case is about and returns its type, empty where that is not known.
func (c *checker) subject(source string, offset int) segment.Type {
	parsed, err := parseList(source)
	if err != nil {
		c.addSyntax(err, offset)
		return ""
	}
	if len(parsed) > 1 {
		c.add(offset+parsed[1].offset, "a case is about one thing", "leave the others out")
	}
	v, _ := c.known(parsed[0], offset)
	return v.is
}

// choices checks what stands behind a when: values of the type of what its case is about.
func (c *checker) choices(source string, offset int, of segment.Type) {
	parsed, err := parseList(source)
	if err != nil {
		c.addSyntax(err, offset)
		return
	}
	for _, o := range parsed {
		v, ok := c.known(o, offset)
		if ok && of != "" && !mayCompare("==", of, v.is) {
			c.add(offset+o.offset, fmt.Sprintf("this case is about %s, not %s", of, v.is), "")
		}
	}
}

// known checks that an operand is a literal or in the catalogue.
func (c *checker) known(o operand, offset int) (variable, bool) {
	if o.path == "" {
		return variable{is: o.is}, true
	}
	root, _, _ := strings.Cut(o.path, ".")
	if v, ok := c.variables[o.path]; ok {
		if of := customer.ThingKind(root); slices.Contains(customer.ThingKinds, of) {
			c.things[of] = true
		}
		return v, true
	}
	mend := problem.Suggest(o.path, slices.Collect(maps.Keys(c.variables)))
	switch {
	case mend != "":
	case root == "event":
		mend = "a template can't name the event yet: it has customer, agreement, asset, business and now"
	case root == "customer":
		mend = "add it to the attributes of the profile catalogue"
	case slices.Contains(customer.ThingKinds, customer.ThingKind(root)):
		mend = "add it to the " + root + "s of the profile catalogue"
	case root == "business":
		mend = "add it to business in the profile catalogue"
	default:
		mend = "names begin with customer, agreement, asset, business or now"
	}
	c.add(offset+o.offset, "unknown name "+o.path, mend)
	return variable{}, false
}

// isThere says whether a condition around the place at hand makes sure that a name is not empty.
func (c *checker) isThere(path string) bool {
	return slices.ContainsFunc(c.blocks, func(b block) bool { return slices.Contains(b.known, path) })
}

func (c *checker) add(offset int, what, mend string) { c.problems.Add(c.at(offset), what, mend) }

func (c *checker) addSyntax(err error, offset int) {
	if wrong, ok := errors.AsType[*syntaxError](err); ok {
		offset += wrong.offset
	}
	c.never.Add(c.at(offset), err.Error(), "")
}
