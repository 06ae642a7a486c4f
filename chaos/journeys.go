package chaos

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
)

//go:embed journeys
var journeys embed.FS

// WriteJourneys writes the journeys of a run into an empty folder, as operations write them.
func WriteJourneys(folder string) error {
	from, err := fs.Sub(journeys, "journeys")
	if err == nil {
		err = os.CopyFS(folder, from)
	}
	if err != nil {
		return fmt.Errorf("write the journeys of the run: %w", err)
	}
	return nil
}
