package main

import (
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"perennial/domain/contact"
	"perennial/domain/journey"
	"perennial/domain/jsonschema"
	"perennial/domain/problem"
	"perennial/domain/segment"
)

func newJourneysSchema(c *console) *cobra.Command {
	var of string
	cmd := &cobra.Command{
		Use:   "schema [FOLDER]",
		Short: "Print the JSON Schema of a journey's file, or of a catalogue's, for editors",
		Long: `Print the JSON Schema (draft 2020-12) of the files that operations write, by which an editor completes words, shows what they
mean and underlines mistakes as one types: docs/editor.md says how. With a FOLDER of journeys an editor also offers the names of the
folder's events and templates. What a schema can't know, such as whether an expression is right, is said by ` + "`starter journeys check`.",
		Example: `  starter journeys schema > journey.schema.json
  starter journeys schema journeys > journey.schema.json         # with the names of its events and templates
  starter journeys schema --of profile > profile.schema.json
  starter journeys schema --of events > events.schema.json`,
		Args: takesUpTo(1),
		RunE: func(_ *cobra.Command, args []string) error {
			names := journey.Names{}
			if len(args) > 0 {
				folder, file, err := placeOfJourneys(args)
				if err != nil {
					return err
				}
				if file != "" {
					return fmt.Errorf("%s is a file: name the folder of the journeys", args[0])
				}
				names = namesOf(folder) // a folder with mistakes has names too
			}
			return c.showSchema(of, map[string]func() *jsonschema.Schema{
				"journey": func() *jsonschema.Schema { return journey.Schema(names) },
				"profile": segment.ProfileSchema,
				"events":  segment.EventsSchema,
			})
		},
	}
	cmd.Flags().StringVar(&of, "of", "journey", "`file` to describe: journey, profile or events")
	return cmd
}

// namesOf are the names that a folder has for journeys to use.
func namesOf(folder string) journey.Names {
	library, _ := loadJourneys(folder)
	names := journey.NamesOf(library)
	written, _, err := loadPolicy(folder)
	if err != nil || written == nil {
		return names
	}
	for _, topic := range written.policy.Topics {
		names.Topics = append(names.Topics, topic.Name)
	}
	return names
}

func newPolicySchema(c *console) *cobra.Command {
	var of string
	cmd := &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of the contact policy, or of a calendar, for editors",
		Long: `Print the JSON Schema (draft 2020-12) of the contact policy or of a calendar of public holidays, by which an editor completes words,
shows what they mean and underlines mistakes as one types: docs/editor.md says how.`,
		Example: `  starter policy schema > contact-policy.schema.json
  starter policy schema --of calendar > calendar.schema.json`,
		Args: takes(),
		RunE: func(*cobra.Command, []string) error {
			return c.showSchema(of, map[string]func() *jsonschema.Schema{"policy": contact.PolicySchema, "calendar": contact.CalendarSchema})
		},
	}
	cmd.Flags().StringVar(&of, "of", "policy", "`file` to describe: policy or calendar")
	return cmd
}

// showSchema prints the schema of one kind of file. It is JSON with and without --json.
func (c *console) showSchema(of string, schemas map[string]func() *jsonschema.Schema) error {
	schema, ok := schemas[of]
	if !ok {
		return fmt.Errorf("--of can't be %q; %s", of, problem.Suggest(of, slices.Collect(maps.Keys(schemas))))
	}
	return c.encode(schema())
}
