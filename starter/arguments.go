package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"perennial/domain/problem"
)

// family returns a command that only has others below it: alone it prints its help, and a name that it lacks is an error.
func family(use, short, long, example string) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Long: long, Example: example,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return unknownCommand(cmd, args[0])
		},
	}
}

func unknownCommand(of *cobra.Command, name string) error {
	var known []string
	for _, command := range of.Commands() {
		if !command.Hidden {
			known = append(known, command.Name())
		}
	}
	mend := problem.Suggest(name, known)
	if mend == "" {
		mend = fmt.Sprintf("`%s --help` lists what there is", of.CommandPath())
	}
	return fmt.Errorf("%s has no command %q; %s", of.CommandPath(), name, mend)
}

// flagError says which flag is wrong, or that the command before it is: a mistyped command's flags are not known either.
func flagError(cmd *cobra.Command, err error) error {
	if cmd.HasSubCommands() && cmd.Flags().NArg() > 0 {
		return unknownCommand(cmd, cmd.Flags().Arg(0))
	}
	mend := fmt.Sprintf("`%s --help` lists the flags", cmd.CommandPath())
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok && len(unknown.GetSpecifiedName()) > 1 {
		if near, found := problem.Nearest(unknown.GetSpecifiedName(), flagNames(cmd)); found {
			mend = "did you mean --" + near + "?"
		}
		return fmt.Errorf("%s has no flag --%s; %s", cmd.CommandPath(), unknown.GetSpecifiedName(), mend)
	}
	if wrong, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		kind, known := map[string]string{"int": "a whole number", "int64": "a whole number", "bool": "true or false", "duration": "a time such as 30s or 5m"}[wrong.GetFlag().Value.Type()]
		if known {
			return fmt.Errorf("--%s can't be %q: write %s", wrong.GetFlag().Name, wrong.GetValue(), kind)
		}
	}
	return fmt.Errorf("%w; %s", err, mend)
}

func flagNames(cmd *cobra.Command) []string {
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	cmd.InheritedFlags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	return names
}

// takes wants exactly these arguments.
func takes(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < len(names):
			return fmt.Errorf("%s needs %s, as in: %s", cmd.CommandPath(), names[len(args)], firstExample(cmd))
		case len(args) > len(names):
			return fmt.Errorf("%s has no use for %q; see `%s --help`", cmd.CommandPath(), args[len(names)], cmd.CommandPath())
		}
		return nil
	}
}

// takesUpTo wants any number of arguments up to a limit.
func takesUpTo(most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) <= most {
			return nil
		}
		return fmt.Errorf("%s has no use for %q; see `%s --help`", cmd.CommandPath(), args[most], cmd.CommandPath())
	}
}

func firstExample(cmd *cobra.Command) string {
	line, _, _ := strings.Cut(strings.TrimSpace(cmd.Example), "\n")
	line, _, _ = strings.Cut(line, "  #")
	return strings.TrimSpace(line)
}

// enrollmentID reads the id of an enrollment.
func enrollmentID(text string) (int64, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id <= 0 {
		return 0, fmt.Errorf("%q is no id of an enrollment: it is a number, as `starter enrollments list` shows it", text)
	}
	return id, nil
}

// pairs reads arguments such as "field=column".
func pairs(flag string, texts []string) (map[string]string, error) {
	read := map[string]string{}
	for _, text := range texts {
		name, value, found := strings.Cut(text, "=")
		if !found || name == "" {
			return nil, fmt.Errorf("--%s %q has no name and value: write --%s name=value", flag, text, flag)
		}
		if _, twice := read[name]; twice {
			return nil, fmt.Errorf("--%s names %q twice", flag, name)
		}
		read[name] = value
	}
	return read, nil
}

// errLimit says that a page can't have that size.
var errLimit = errors.New("--limit must be at least 1")
