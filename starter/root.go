package main

import (
	"runtime/debug"

	"github.com/spf13/cobra"
)

// The groups of the front page.
const (
	groupRun     = "run"
	groupOperate = "operate"
	groupLook    = "look"
)

// newRoot returns the whole tool.
func newRoot(c *console) *cobra.Command {
	root := family("starter", "Keep every customer followed up for life",
		`Perennial keeps every customer followed up for life. Operations write journeys; each customer's passage through one is
watched and steered from here, from Temporal's UI and from the customer's page.

Everything is configured by environment variables: docs/configuration.md lists them, and starter doctor says what is wrong
with them. On one machine nothing needs to be set: starter dev brings all that is needed, and prints the addresses for the
other commands.`,
		`  starter doctor                                                   # is all well?
  starter import customers customers.csv --region US               # bring the customers
  starter journeys publish --message "First journey"               # check and publish ./journeys
  starter event visit.completed --customer c-1042                  # something happened
  starter enrollments list --running                               # who stands where
  starter enrollments show 17                                      # one passage in full`)
	root.AddGroup(
		&cobra.Group{ID: groupRun, Title: "Run it:"},
		&cobra.Group{ID: groupOperate, Title: "Operate it:"},
		&cobra.Group{ID: groupLook, Title: "Look at it:"},
	)
	add(root, groupRun, newDev(c), newDemo(c), newBench(c), newChaos(c), newMigrate(c), newDoctor(c), newReady(c), newGateway(c), newSandbox(c))
	add(root, groupOperate, newImport(c), newJourneys(c), newTemplates(c), newPolicy(c), newEvent(c), newEnroll(c))
	add(root, groupLook, newEnrollments(c), newCustomers(c), newColleagues(c), newTouches(c), newReplies(c), newUI(c))
	root.PersistentFlags().BoolVar(&c.json, "json", false, "print JSON for programs instead of text for people")
	root.Version = build()
	root.SetVersionTemplate("Perennial {{.Version}}\n")
	root.SetFlagErrorFunc(flagError)
	root.SilenceErrors, root.SilenceUsage = true, true
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetUsageTemplate(usage)
	return root
}

// build says which commit this program was built from, as far as it knows.
func build() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "of an unknown build"
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	commit := settings["vcs.revision"]
	if commit == "" {
		return info.Main.Version + ", " + info.GoVersion
	}
	changed := ""
	if settings["vcs.modified"] == "true" {
		changed = " and changes"
	}
	return "commit " + commit[:min(12, len(commit))] + changed + " of " + settings["vcs.time"] + ", " + info.GoVersion
}

// usage is what follows the description in every help text. Asking for the local flags joins those of all commands to the command's own.
const usage = `Usage:
  {{if .HasAvailableSubCommands}}{{.CommandPath}} COMMAND{{else}}{{.UseLine}}{{end}}

Examples:
{{.Example}}{{$all := .Commands}}
{{range $group := .Groups}}
{{.Title}}{{range $all}}{{if and (eq .GroupID $group.ID) .IsAvailableCommand}}
  {{rpad .Name .NamePadding}}  {{.Short}}{{end}}{{end}}
{{end}}{{if and .HasAvailableSubCommands (not .Groups)}}
Commands:{{range $all}}{{if .IsAvailableCommand}}
  {{rpad .Name .NamePadding}}  {{.Short}}{{end}}{{end}}
{{end}}
Flags:
{{$_ := .LocalFlags}}{{.Flags.FlagUsages | trimTrailingWhitespaces}}{{if .HasAvailableSubCommands}}

{{.CommandPath}} COMMAND --help says more of one.{{end}}
`

// add puts commands into a group of the front page.
func add(root *cobra.Command, group string, commands ...*cobra.Command) {
	for _, command := range commands {
		command.GroupID = group
		root.AddCommand(command)
	}
}
