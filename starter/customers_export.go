package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"perennial/config"
	"perennial/domain/segment"
	"perennial/store"
)

func newCustomersExport(c *console) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "export ID",
		Short: "Write down all that is known of one customer, as a JSON document",
		Long: `Write down all that is known of one customer as a JSON document, for whoever asks what is known of them: profile, addresses, consents
with how they were given, events, messages, purchases, agreements and assets, answers, complaints, enrollments and touches. The document says what
it is; docs/privacy.md describes it. It says who the customer is: mind where it goes. The audit log says that it was made.`,
		Example: `  starter customers export c-1042
  starter customers export c-1042 --file c-1042.json`,
		Args: takes("the ID of a customer"),
		RunE: func(cmd *cobra.Command, args []string) error {
			settings, s, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			defer s.Close()
			if file == "" {
				exported, err := export(cmd.Context(), settings, s, args[0])
				if err != nil {
					return err
				}
				return writeExport(c.stdout, exported)
			}
			return exportTo(cmd.Context(), c, settings, s, args[0], file)
		},
	}
	cmd.Flags().StringVar(&file, "file", "", "the `file` to write, which must not be there yet; only its owner can read it (default is to print)")
	return cmd
}

// export reads all that is known of a customer, and writes into the audit log that it was read.
func export(ctx context.Context, settings config.Config, s *store.Store, id string) (exported store.Export, err error) {
	units, err := unitsOf(ctx, s)
	if err != nil {
		return store.Export{}, err
	}
	err = s.InTx(ctx, func(tx *store.Tx) error {
		if exported, err = tx.Export(ctx, id, settings.Now().UTC()); err != nil {
			return notThere(err, "such customer", "an id is written as the import had it, such as c-1042")
		}
		return tx.Note(ctx, deed(settings, store.Exported, store.OfCustomer, id, "done"))
	})
	exported.Units = units
	return exported, err
}

// unitsOf are the units of attributes, as the newest catalogue has them.
func unitsOf(ctx context.Context, s *store.Store) (map[string]string, error) {
	units := map[string]string{}
	published, err := s.NewestCatalogue(ctx)
	if errors.Is(err, store.ErrNotFound) {
		return units, nil
	}
	if err != nil {
		return nil, err
	}
	var catalogue segment.Catalogue
	if err := json.Unmarshal(published, &catalogue); err != nil {
		return nil, fmt.Errorf("read the published catalogue: %w", err)
	}
	for of, attributes := range map[string][]segment.Attribute{
		"customer": catalogue.Attributes, "agreement": catalogue.Agreements, "asset": catalogue.Assets,
	} {
		for _, a := range attributes {
			if a.Unit != "" {
				units[of+"."+a.Name] = a.Unit
			}
		}
	}
	return units, nil
}

// exportTo writes the document into a file of its own.
func exportTo(ctx context.Context, c *console, settings config.Config, s *store.Store, id, file string) (err error) {
	to, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("there is a file %s already: name another, or remove it", file)
	}
	if err != nil {
		return err
	}
	defer func() {
		if err = errors.Join(err, to.Close()); err != nil {
			err = errors.Join(err, os.Remove(file)) // half a document is none
		}
	}()
	exported, err := export(ctx, settings, s, id)
	if err != nil {
		return err
	}
	if err := writeExport(to, exported); err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	return c.show(map[string]string{"customer": id, "file": file}, func(p *page) { p.line("All that is known of %s is in %s.", id, file) })
}

func writeExport(to io.Writer, exported store.Export) error {
	encoder := json.NewEncoder(to)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(exported)
}
