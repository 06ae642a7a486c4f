package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/domain/problem"
	"perennial/domain/segment"
	"perennial/store"
	"perennial/store/importcsv"
)

func newImport(c *console) *cobra.Command {
	cmd := family("import", "Bring customers, what they have and did, and colleagues from CSV files",
		`Bring customers, what they have and did, and colleagues from CSV files. Import customers first, assets before readings, and colleagues
before absences: what belongs to somebody, or something, that is not known is rejected.
Importing a file again changes nothing. Rows that can't be taken are written to FILE.rejected.csv with line, column and reason:
mend them there and import that file, which then holds only what is still wrong. Semicolons and tabs between cells are taken too.`,
		`  starter import customers customers.csv
  starter import purchases purchases.csv
  starter import agreements agreements.csv
  starter import colleagues colleagues.csv`)
	customers := importOf(c, "customers", importcsv.Customers, importcsv.CustomerFields(),
		`  starter import customers customers.csv
  starter import customers clients.csv --map id=client_no --map sms=handy --region DE`)
	customers.region()
	purchases := importOf(c, "purchases", importcsv.Purchases, importcsv.PurchaseFields(),
		`  starter import purchases purchases.csv
  starter import purchases orders.csv --map order_id=number --map purchased_at=day`)
	agreements := importOf(c, "agreements", importcsv.Agreements, importcsv.ThingFields(customer.Agreement),
		`  starter import agreements agreements.csv
  starter import agreements contracts.csv --map agreement=contract_no --map renews_on=expires`)
	assets := importOf(c, "assets", importcsv.Assets, importcsv.ThingFields(customer.Asset),
		`  starter import assets assets.csv
  starter import assets cars.csv --map asset=car_no --map acquired_on=sold_on`)
	readings := importOf(c, "readings", importcsv.Readings, importcsv.ReadingFields(),
		`  starter import readings readings.csv
  starter import readings service.csv --map asset=car_no --map read_on=day`)
	complaints := importOf(c, "complaints", importcsv.Complaints, importcsv.ComplaintFields(),
		`  starter import complaints complaints.csv
  starter import complaints tickets.csv --map complaint=ticket --map resolved_on=closed`)
	colleagues := importOf(c, "colleagues", importcsv.Colleagues, importcsv.ColleagueFields(),
		`  starter import colleagues colleagues.csv
  starter import colleagues staff.csv --map id=staff_no --map working_hours=hours`)
	absences := importOf(c, "absences", importcsv.Absences, importcsv.AbsenceFields(),
		`  starter import absences absences.csv
  starter import absences holidays.csv --map from=first_day --map to=last_day`)
	for _, i := range []importCommand{customers, agreements, assets, readings} {
		i.catalogue()
	}
	for _, i := range []importCommand{customers, purchases, agreements, assets, readings, complaints, colleagues, absences} {
		cmd.AddCommand(i.command)
	}
	return cmd
}

// importer imports one kind of file.
type importer func(context.Context, *store.Store, string, importcsv.Options) (importcsv.Summary, error)

type importCommand struct {
	command *cobra.Command
	options *importcsv.Options
	folder  *string // of the profile catalogue; empty where it is not asked
}

// catalogue adds what only a file with attributes needs.
func (i importCommand) catalogue() {
	i.command.Long += "\n\nAttributes of the profile catalogue are found in columns of their names, or in those that --map names."
	i.command.Flags().StringVar(i.folder, "dir", "journeys", "`folder` of the journeys, whose "+journey.ProfileFile+" names more attributes")
}

// region adds what only a file with phone numbers needs.
func (i importCommand) region() {
	i.command.Flags().StringVar(&i.options.Region, "region", "",
		"`country` of phone numbers without + where the customer's is not known, such as US; without it they are left out")
}

func importOf(c *console, kind string, run importer, fields map[string][]string, example string) importCommand {
	options := &importcsv.Options{}
	var columns []string
	var folder string
	cmd := &cobra.Command{
		Use:     kind + " FILE",
		Short:   "Import " + kind + " from a CSV file",
		Long:    fmt.Sprintf("Import %s from a CSV file, whose first line names its columns. A field is found in the column of one of these names, or in\nthe one that --map names:\n\n%s", kind, fieldList(fields)),
		Example: example,
		Args:    takes("a FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if options.Columns, err = pairs("map", columns); err != nil {
				return err
			}
			if options.Catalogue, err = catalogueOf(folder, cmd.Flags().Changed("dir")); err != nil {
				return err
			}
			return importFile(cmd.Context(), c, kind, run, args[0], *options)
		},
	}
	cmd.Flags().StringArrayVar(&columns, "map", nil, "column of a field that is called otherwise, as `field=column`; may be repeated")
	return importCommand{cmd, options, &folder}
}

// catalogueOf reads the profile catalogue of a folder. Where nobody asked for that folder it may be missing: then it names nothing.
func catalogueOf(folder string, asked bool) (segment.Catalogue, error) {
	var catalogue segment.Catalogue
	if folder == "" {
		return catalogue, nil
	}
	file := filepath.Join(folder, journey.ProfileFile)
	source, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) && !asked {
		return catalogue, nil
	}
	if err != nil {
		return catalogue, fmt.Errorf("read the profile catalogue: %w", err)
	}
	var problems problem.List
	if catalogue.ParseProfile(file, source, &problems); !problems.Empty() {
		return catalogue, fmt.Errorf("%s; nothing was imported, and `starter journeys check %s` says all mistakes", problems.Sorted()[0], folder)
	}
	return catalogue, nil
}

func fieldList(fields map[string][]string) string {
	p := &page{}
	var rows [][]string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		rows = append(rows, []string{name, strings.Join(fields[name], ", ")})
	}
	p.table("  ", []string{"FIELD", "COLUMNS"}, rows)
	return strings.TrimRight(p.String(), "\n")
}

func importFile(ctx context.Context, c *console, kind string, run importer, file string, options importcsv.Options) error {
	settings, s, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	options.Now = settings.Now().UTC()
	options.Progress = c.progressBar(filepath.Base(file))
	var summary importcsv.Summary
	err = noted(ctx, s, deed(settings, store.Imported, store.OfFile, kind, ""), settings, func() (outcome string, err error) {
		summary, err = run(ctx, s, file, options)
		return fmt.Sprintf("%d rows read, %d stored, %d rejected", summary.Read, summary.Stored, summary.Rejected), err
	})
	if err != nil && summary.Read == 0 {
		return err
	}
	if err != nil {
		return fmt.Errorf("%w; %s stored before that, and importing the file again is safe", err, count(summary.Stored, "row was", "rows were"))
	}
	done := imported{Summary: summary}
	if done.Never, err = neverReachedAfter(ctx, s, kind); err != nil {
		return err
	}
	if done.Unknown, err = unknownAfter(ctx, s, kind); err != nil {
		return err
	}
	return c.show(done, func(p *page) {
		writeSummary(p, kind, file, summary)
		writeNeverReached(p, done.Never)
		writeUnknownColleagues(p, done.Unknown)
	})
}

// neverReachedAfter are the customers whom the policy that holds leaves no time at all, once customers were imported.
func neverReachedAfter(ctx context.Context, s *store.Store, kind string) ([]neverReached, error) {
	if kind != "customers" {
		return nil, nil
	}
	_, policy, err := holding(ctx, s)
	if err != nil {
		return nil, err
	}
	return unreachableCustomers(ctx, s, policy)
}

// unknownAfter are the owners and deputies who are not known, once customers or colleagues were imported.
func unknownAfter(ctx context.Context, s *store.Store, kind string) ([]store.UnknownColleague, error) {
	if kind != "customers" && kind != "colleagues" {
		return nil, nil
	}
	return s.UnknownColleagues(ctx)
}

// imported is what became of a file, whom nobody will be able to reach, and who is named and not known.
type imported struct {
	importcsv.Summary
	Never   []neverReached           `json:"never_reached,omitempty"`
	Unknown []store.UnknownColleague `json:"unknown_colleagues,omitempty"`
}

func writeSummary(p *page, kind, file string, s importcsv.Summary) {
	p.line("Imported %s from %s:", kind, file)
	number := func(n int64) string { return fmt.Sprintf("%9d", n) }
	p.align("  ", [][]string{
		{"rows read", number(s.Read), ""},
		{"stored", number(s.Stored), "added or changed something"},
		{"unchanged", number(s.Unchanged), "known already"},
		{"rejected", number(s.Rejected), "not taken at all"},
	})
	if s.Notes > 0 {
		p.line("Of rows that were taken, %s left out.", count(s.Notes, "cell was", "cells were"))
	}
	if s.RejectedFile != "" {
		if s.Rejected > 0 {
			p.line("NOT TAKEN: %s.", count(s.Rejected, "row", "rows"))
		}
		p.line("%s says which and why: mend the rows there and import that file.", s.RejectedFile)
	}
	if len(s.Ignored) > 0 {
		p.line("Columns that no field uses: %s. --map gives a field its column.", strings.Join(s.Ignored, ", "))
	}
}

// progressBar returns what shows how far a file has been read; nil where nobody watches.
func (c *console) progressBar(what string) func(done, total int64) {
	if !c.progress {
		return nil
	}
	var bar *progressbar.ProgressBar
	return func(done, total int64) {
		if bar == nil {
			bar = progressbar.NewOptions64(total,
				progressbar.OptionSetWriter(c.stderr),
				progressbar.OptionSetDescription(what),
				progressbar.OptionShowBytes(true),
				progressbar.OptionSetPredictTime(true),
				progressbar.OptionThrottle(100*time.Millisecond),
				progressbar.OptionClearOnFinish(),
			)
		}
		_ = bar.Set64(done) // a bar that can't be drawn keeps no row from being imported
	}
}
