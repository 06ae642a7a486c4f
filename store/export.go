package store

import (
	"context"
	"encoding/json"
	"time"
)

// Export is all that is known of one customer, table by table: each entry is a whole row, by the names of its columns. It says who they are.
type Export struct {
	What   string            `json:"what"`   // in words
	Format int               `json:"format"` // of this document
	MadeAt time.Time         `json:"made_at"`
	About  map[string]string `json:"about"` // what stands in each of the parts below, and how it is written
	Units  map[string]string `json:"units"` // of attributes, by the newest profile catalogue, which the store does not look into

	Customer        json.RawMessage   `json:"customer"`
	Addresses       []json.RawMessage `json:"addresses"`
	Consents        []json.RawMessage `json:"consents"`
	Events          []json.RawMessage `json:"events"`
	Messages        []json.RawMessage `json:"messages"`
	Purchases       []json.RawMessage `json:"purchases"`
	Answers         []json.RawMessage `json:"survey_answers"`
	Complaints      []json.RawMessage `json:"complaints"`
	Resolutions     []json.RawMessage `json:"complaint_resolutions"`
	Things          []json.RawMessage `json:"things"`
	AttributeValues []json.RawMessage `json:"attribute_values"`
	AttributeWrites []json.RawMessage `json:"attribute_writes"`
	Enrollments     []json.RawMessage `json:"enrollments"`
	Touches         []json.RawMessage `json:"touches"`
	Refusals        []json.RawMessage `json:"refusals"`
	Deeds           []json.RawMessage `json:"deeds"`
}

// ExportFormat is the number of the form of an Export. It grows when a part is renamed or leaves; parts and fields may be added without that.
const ExportFormat = 1

const exportWhat = "All that Perennial knows of one customer, as it was stored when this was made. Texts of messages that were sent are not stored: " +
	"they were written anew from templates each time."

// exportAbout says what each part is.
func exportAbout() map[string]string {
	return map[string]string{
		"times":                 "UTC, as RFC 3339 writes them. Where a business runs on a clock of its own, such as in a demonstration, they are that clock's.",
		"customer":              "Who they are and how they want to be reached. zone: IANA; language: BCP 47; country: ISO 3166; contact_windows: on their wall; star: service level, 1 to 5; owner: the colleague who looks after them; attributes_at: since when each attribute is known, in seconds since 1970.",
		"addresses":             "Where they are reached on each channel, and why an address is not used.",
		"consents":              "Every word that they gave on what they want to hear about: topic, yes or no, when, how, on which channel and in which word. The newest on a topic holds.",
		"events":                "What happened to them, as it was told by other systems, and what they wrote to us (message.received): data is what was said of it.",
		"messages":              "Those of their messages that a person had to read, and what came from their addresses before anybody knew whose they are.",
		"purchases":             "What they bought. amount: in currency (ISO 4217), '' in that of the business; negative for what was paid back.",
		"survey_answers":        "What they answered to surveys.",
		"complaints":            "What they complained of.",
		"complaint_resolutions": "What of it was resolved.",
		"things":                "Agreements and assets that they have. Units of attributes stand in units.",
		"attribute_values":      "What attributes were, of those whose former values are kept.",
		"attribute_writes":      "Which steps of journeys wrote attributes: enrollment, step, occurrence.",
		"enrollments":           "The journeys that they passed through: when they entered, at which step they are, when and how it ended.",
		"touches":               "Each attempt to reach them, or (kind notify) to tell a colleague of them: step, channel, template, topic, what became of it and when.",
		"refusals":              "What was said no to at one of their addresses by somebody who was erased since. The address stands there only as a hash.",
		"deeds":                 "What people here did that concerns them.",
	}
}

// Export returns all that is known of a customer; ErrNotFound where there is none. Of who was erased it returns what is left.
func (tx *Tx) Export(ctx context.Context, id string, at time.Time) (Export, error) {
	e := Export{What: exportWhat, Format: ExportFormat, MadeAt: at, About: exportAbout()}
	err := tx.q.InUTC(ctx)
	if err == nil {
		e.Customer, err = tx.q.ExportCustomer(ctx, id)
	}
	if err != nil {
		return Export{}, wrap(err, "export customer %s", id)
	}
	for _, part := range []struct {
		into *[]json.RawMessage
		read func(context.Context, string) ([][]byte, error)
	}{
		{&e.Addresses, tx.q.ExportAddresses},
		{&e.Consents, tx.q.ExportConsents},
		{&e.Events, tx.q.ExportEvents},
		{&e.Messages, tx.q.ExportReplies},
		{&e.Purchases, tx.q.ExportPurchases},
		{&e.Answers, tx.q.ExportAnswers},
		{&e.Complaints, tx.q.ExportComplaints},
		{&e.Resolutions, tx.q.ExportResolutions},
		{&e.Things, tx.q.ExportThings},
		{&e.AttributeValues, tx.q.ExportAttributeValues},
		{&e.AttributeWrites, tx.q.ExportAttributeWrites},
		{&e.Enrollments, tx.q.ExportEnrollments},
		{&e.Touches, tx.q.ExportTouches},
		{&e.Refusals, tx.q.ExportRefusals},
		{&e.Deeds, tx.q.ExportDeeds},
	} {
		rows, err := part.read(ctx, id)
		if err != nil {
			return Export{}, wrap(err, "export customer %s", id)
		}
		*part.into = make([]json.RawMessage, len(rows))
		for i, row := range rows {
			(*part.into)[i] = row
		}
	}
	return e, nil
}
