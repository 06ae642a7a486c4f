package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// commands are all commands below the root.
func commands(of *cobra.Command) []*cobra.Command {
	var all []*cobra.Command
	for _, command := range of.Commands() {
		all = append(append(all, command), commands(command)...)
	}
	return all
}

func TestEveryCommandExplainsItself(t *testing.T) {
	t.Parallel()
	root := newRoot(&console{})
	all := commands(root)
	for _, name := range []string{
		"dev", "demo", "migrate", "doctor", "import customers", "import purchases", "journeys new", "journeys check", "journeys publish",
		"journeys list", "journeys show", "journeys history", "journeys diff", "journeys schema", "policy check", "policy explain", "policy show",
		"policy schema",
		"event", "enrollments list", "enrollments show", "enrollments pause", "enrollments resume", "enrollments skip", "enrollments exit",
		"customers show", "touches unconfirmed", "gateway", "sandbox",
	} {
		if !slices.ContainsFunc(all, func(c *cobra.Command) bool { return c.CommandPath() == "starter "+name }) {
			t.Errorf("there is no starter %s", name)
		}
	}
	for _, command := range append(all, root) {
		path := command.CommandPath()
		if command.Short == "" || strings.HasSuffix(command.Short, ".") {
			t.Errorf("%s: its short help is %q", path, command.Short)
		}
		if !strings.HasPrefix(command.Example, "  starter ") {
			t.Errorf("%s: its example is %q", path, command.Example)
		}
		if command.Flag("json") == nil {
			t.Errorf("%s has no --json", path)
		}
		if command.Parent() == root && command.GroupID == "" {
			t.Errorf("%s is in no group of the front page", path)
		}
	}
}

// TestExamplesCanBeTyped parses each example: its command, arguments and flags must be there.
func TestExamplesCanBeTyped(t *testing.T) {
	t.Parallel()
	for _, command := range append(commands(newRoot(&console{})), newRoot(&console{})) {
		for example := range strings.Lines(command.Example) {
			_, typed, found := strings.Cut(example, "starter")
			typed, _, _ = strings.Cut(typed, " #")
			typed, _, _ = strings.Cut(typed, " > ") // what it prints goes to a file
			if !found {
				continue
			}
			root := newRoot(&console{})
			args := words(typed)
			target, rest, err := root.Find(args)
			if err != nil {
				t.Errorf("%s: %v", example, err)
				continue
			}
			if err := target.ParseFlags(rest); err != nil {
				t.Errorf("%s: %v", example, err)
				continue
			}
			if target.HasSubCommands() {
				t.Errorf("%s: this is no command", example)
			}
			if target.Args != nil {
				if err := target.Args(target, target.Flags().Args()); err != nil {
					t.Errorf("%s: %v", example, err)
				}
			}
		}
	}
}

// words splits a line as a shell does, as far as our examples go.
func words(line string) []string {
	var all []string
	var word strings.Builder
	var quote rune
	for _, r := range strings.TrimSpace(line) + " " {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '"' || r == '\'':
			quote = r
		case r == ' ' && word.Len() > 0:
			all = append(all, word.String())
			word.Reset()
		case r != ' ':
			word.WriteRune(r)
		}
	}
	return all
}

func TestTheFrontPageListsEveryCommand(t *testing.T) {
	t.Parallel()
	b := &business{t: t}
	page := b.does("--help")
	for _, command := range newRoot(&console{}).Commands() {
		says(t, page, "\n  "+command.Name()+" ")
	}
	says(t, b.does("--version"), "Perennial ")
	says(t, page, "docs/configuration.md", "Run it:", "Operate it:", "Look at it:")
}

func TestMistypedCommandsAreSentencesToActOn(t *testing.T) {
	t.Parallel()
	b := &business{t: t}
	b.refuses("did you mean enrollments?", "enrolments", "list", "--journey", "x")
	b.refuses("did you mean check?", "journeys", "chek")
	b.refuses("starter enrollments list has no flag --journy; did you mean --journey?", "enrollments", "list", "--journy", "x")
	b.refuses("`starter enrollments list --help` lists the flags", "enrollments", "list", "--xyzzy", "x")
	b.refuses("`starter enrollments list --help` lists the flags", "enrollments", "list", "-x")
	b.refuses("--limit can't be \"many\": write a whole number", "enrollments", "list", "--limit", "many")
	b.refuses("needs the ID of an enrollment, as in: starter enrollments show 17", "enrollments", "show")
	b.refuses("is no id of an enrollment", "enrollments", "show", "c-1")
	b.refuses("has no use for \"now\"", "migrate", "now")
	b.refuses("DATABASE_URL is not set", "migrate")
}
