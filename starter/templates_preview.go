package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"perennial/domain/contact"
	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/domain/message"
	"perennial/domain/problem"
)

// preview is one message as somebody would receive it.
type preview struct {
	Template   string            `json:"template"`
	Customer   string            `json:"customer,omitempty"` // empty where they are made up
	Channel    customer.Channel  `json:"channel"`
	Language   string            `json:"language"`
	Why        string            `json:"why"` // the language
	File       string            `json:"file"`
	Subject    string            `json:"subject,omitempty"`
	Preview    string            `json:"preview,omitempty"`
	Text       string            `json:"text,omitempty"`
	HTML       string            `json:"html,omitempty"`
	ContentSID string            `json:"content_sid,omitempty"`
	Variables  map[string]string `json:"variables,omitempty"`
	SMS        *length           `json:"sms,omitempty"`
	Gets       bool              `json:"gets,omitempty"`     // the customer would get this one now
	GetsNot    string            `json:"gets_not,omitempty"` // why the customer would not
}

// look is what `templates preview` was asked.
type look struct {
	name, folder, customer, channel, language, agreement, asset string
	sample, html                                                bool
}

func newTemplatesPreview(c *console) *cobra.Command {
	var asked look
	cmd := &cobra.Command{
		Use:   "preview NAME",
		Short: "Show a template as a customer would receive it",
		Long: `Fill a template in and show it on each channel for which it is written, in the language that the customer would get it in. Without
--customer it is filled in for somebody who is made up and of whom everything is known; then it needs no database. Of a customer it is also
said by which channel they would get it now, and why not by the others: by their order of channels, where their address is good. It is the
template in the folder that is shown, published or not, and nothing is sent.`,
		Example: `  starter templates preview welcome
  starter templates preview welcome --language zh-CN --channel sms
  starter templates preview renewal --customer c-1042 --agreement a-7
  starter templates preview welcome --channel email --html > welcome.html`,
		Args: takes("the NAME of a template"),
		RunE: func(cmd *cobra.Command, args []string) error {
			asked.name = args[0]
			return asked.run(cmd.Context(), c)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&asked.folder, "dir", "journeys", "`folder` of the journeys")
	flags.StringVar(&asked.customer, "customer", "", "`id` of a customer to fill it in for")
	flags.BoolVar(&asked.sample, "sample", false, "fill it in for somebody who is made up. This is what happens without --customer")
	flags.StringVar(&asked.channel, "channel", "", "`channel` to show, such as sms. Defaults to all for which it is written")
	flags.StringVar(&asked.language, "language", "", "`language` that the reader reads, such as zh-CN. Defaults to the customer's, or to the one that the catalogue falls back to")
	flags.StringVar(&asked.agreement, "agreement", "", "`id` of the customer's agreement that the journey would be about")
	flags.StringVar(&asked.asset, "asset", "", "`id` of the customer's asset that the journey would be about")
	flags.BoolVar(&asked.html, "html", false, "print the HTML of the email, and nothing else")
	return cmd
}

func (l look) run(ctx context.Context, c *console) error {
	if l.sample && l.customer != "" {
		return errors.New("--sample is somebody made up, and --customer somebody who is not: choose one")
	}
	if l.customer == "" && (l.agreement != "" || l.asset != "") {
		return errors.New("say whose agreement or asset it is, with --customer")
	}
	folder, library, problems, err := loadTemplates([]string{l.folder})
	if err != nil {
		return err
	}
	channels, err := l.channels(library.Templates)
	if err != nil {
		return err
	}
	if broken := l.mistakes(folder, problems); len(broken) > 0 {
		return broken[0]
	}
	reader, err := l.reader(ctx, c)
	if err != nil {
		return err
	}
	previews := []preview{}
	var choice contact.Choice
	if reader.id != "" {
		choice = contact.Choose(reader.who, library.Templates.Channels(l.name))
	}
	for _, channel := range channels {
		one, err := l.preview(library, reader, channel)
		if err != nil {
			return err
		}
		one.File = filepath.Join(folder, journey.TemplateFolder, one.File)
		one.Gets, one.GetsNot = choice.Channel == channel, choice.Against[channel]
		previews = append(previews, one)
	}
	if l.html {
		_, err := fmt.Fprintln(c.stdout, previews[0].HTML)
		return err
	}
	return c.show(previews, func(p *page) {
		if reader.id != "" {
			p.line("%s\n", gets(reader.id, choice))
		}
		writePreviews(p, previews)
	})
}

// gets says by which channel a customer would get a message now, and why not by the others.
func gets(id string, choice contact.Choice) string {
	text := id + " would get it by " + choice.Channel.Title()
	if choice.Channel == "" {
		text = id + " gets none of these"
	}
	var not []string
	for _, c := range customer.Channels {
		if why := choice.Against[c]; why != "" {
			not = append(not, c.Title()+": "+why)
		}
	}
	if len(not) > 0 {
		text += " (" + strings.Join(not, "; ") + ")"
	}
	if choice.Channel == "" {
		return text + "."
	}
	return text + ", where consent and hours allow."
}

// channels are those to show.
func (l look) channels(set *message.Set) ([]customer.Channel, error) {
	written := set.Channels(l.name)
	if len(written) == 0 {
		names := set.Names()
		mend := problem.Suggest(l.name, names)
		if mend == "" {
			mend = "there are " + strings.Join(names, ", ")
		}
		return nil, fmt.Errorf("there is no template %q; %s", l.name, mend)
	}
	wanted := customer.Channel(l.channel)
	switch {
	case wanted == "" && l.html:
		wanted = customer.Email
	case wanted == "":
		return written, nil
	case l.html && wanted != customer.Email:
		return nil, errors.New("only an email has HTML: leave out --html, or say --channel email")
	}
	if !slices.Contains(written, wanted) {
		return nil, fmt.Errorf("the template %s is not written for %s; it is for %s", l.name, wanted, joined(written))
	}
	return []customer.Channel{wanted}, nil
}

func joined(channels []customer.Channel) string {
	words := make([]string, len(channels))
	for i, channel := range channels {
		words[i] = string(channel)
	}
	return strings.Join(words, ", ")
}

// mistakes are those that stand in the way: the template's own, and the catalogue's.
func (l look) mistakes(folder string, problems []problem.Problem) []error {
	var broken []error
	for _, p := range problems {
		if strings.HasPrefix(filepath.Base(p.File), l.name+".") || p.File == filepath.Join(folder, journey.ProfileFile) || filepath.Base(p.File) == message.StyleFile {
			broken = append(broken, errors.New(p.String()))
		}
	}
	return broken
}

// reader is whom the template is filled in for, and when.
type reader struct {
	who customer.Profile
	id  string // empty where they are made up
	now time.Time
}

func (l look) reader(ctx context.Context, c *console) (reader, error) {
	if l.customer == "" {
		settings, err := c.config()
		if err != nil {
			return reader{}, err
		}
		return reader{now: settings.Now()}, nil
	}
	settings, s, err := c.open(ctx)
	if err != nil {
		return reader{}, err
	}
	defer s.Close()
	who, err := s.Profile(ctx, l.customer)
	if err != nil {
		return reader{}, notThere(err, "such customer", "an id is written as the import had it, such as c-1042")
	}
	return reader{who: who, id: l.customer, now: settings.Now()}, nil
}

func (l look) preview(library *journey.Library, r reader, channel customer.Channel) (preview, error) {
	reads := l.language
	switch {
	case reads != "":
	case r.id != "":
		reads = r.who.Language
	default:
		reads = library.Catalogue.Language
	}
	choice, ok := library.Templates.Choose(l.name, channel, reads)
	if !ok {
		return preview{}, fmt.Errorf("the template %s is not written for %s", l.name, channel)
	}
	about, err := l.about(library, r, reads, library.Templates.Thing(l.name, channel, choice.Language))
	if err != nil {
		return preview{}, err
	}
	about.Language = reads
	m, err := library.Templates.Render(l.name, channel, about, r.now)
	if err != nil {
		return preview{}, err
	}
	shown := preview{
		Template: l.name, Customer: r.id, Channel: channel, Language: m.Language, Why: choice.Why, File: message.FileName(l.name, channel, m.Language),
		Subject: m.Subject, Preview: m.Preview, Text: m.Text, HTML: m.HTML, ContentSID: m.ContentSID, Variables: m.Variables,
	}
	if channel == customer.SMS {
		measured := measure(m.Text)
		shown.SMS = &measured
	}
	return shown, nil
}

// about is what the template is to speak of.
func (l look) about(library *journey.Library, r reader, reads string, of customer.ThingKind) (message.About, error) {
	if r.id == "" {
		return message.Sample(library.Catalogue, reads, of, r.now), nil
	}
	about := message.About{Customer: r.who}
	if of == "" {
		return about, nil
	}
	wanted := map[customer.ThingKind]string{customer.Agreement: l.agreement, customer.Asset: l.asset}[of]
	var ids []string
	for _, thing := range r.who.Things {
		if thing.Of != of || wanted != "" && thing.ID != wanted {
			continue
		}
		about.Thing = &thing
		ids = append(ids, thing.ID)
	}
	switch {
	case len(ids) == 0 && wanted != "":
		return message.About{}, fmt.Errorf("%s has no %s %q", r.id, of, wanted)
	case len(ids) == 0:
		return message.About{}, fmt.Errorf("the template %s speaks of an %s, and %s has none", l.name, of, r.id)
	case len(ids) > 1:
		return message.About{}, fmt.Errorf("%s has more than one %s: say which with --%s: %s", r.id, of, of, strings.Join(ids, ", "))
	}
	return about, nil
}

func writePreviews(p *page, previews []preview) {
	for i, one := range previews {
		if i > 0 {
			p.line("")
		}
		whom := one.Customer
		if whom == "" {
			whom = "somebody made up"
		}
		p.line("%s by %s, for %s", one.Template, one.Channel.Title(), whom)
		fields := []string{"language", one.Language + ": " + one.Why, "file", one.File, "subject", one.Subject, "preview", one.Preview, "content", one.ContentSID}
		for _, name := range slices.Sorted(maps.Keys(one.Variables)) {
			fields = append(fields, "variable "+name, one.Variables[name])
		}
		if one.SMS != nil {
			fields = append(fields, "length", one.SMS.String())
		}
		p.fields(fields...)
		if one.Text == "" {
			continue
		}
		p.line("")
		for line := range strings.SplitSeq(one.Text, "\n") {
			p.line("%s", strings.TrimRight("    "+line, " "))
		}
	}
}

// String says how long an SMS is, in one line.
func (l length) String() string {
	text := fmt.Sprintf("%s in %s, %s", count(int64(l.Characters), "character", "characters"), count(int64(l.Segments), "segment", "segments"), l.Encoding)
	if l.Because != "" && l.Encoding == message.UCS2 && len([]rune(l.Because)) <= fewUnusual {
		text += " because of " + l.Because
	}
	return text
}
