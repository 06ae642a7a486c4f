package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"perennial/domain/journey"
	"perennial/domain/problem"
	"perennial/store"
)

// publication is what `journeys publish` was asked for.
type publication struct {
	names   []string
	folder  string
	message string
	author  string
	running string
	dryRun  bool
}

func newJourneysPublish(c *console) *cobra.Command {
	var asked publication
	cmd := &cobra.Command{
		Use:   "publish [JOURNEY…]",
		Short: "Check journeys, show what publishing changes, and publish those that differ",
		Long: `Check a folder of journeys, show who is in them now, and store a new version of each that differs from its newest one: of
those named, or of all. Customers enter the newest version from then on. Those who are in an earlier one finish on it. The contact
policy goes with all of them: where it changed it is published too, and holds for every touch from then on.

A journey that looks for customers itself (enter: every) gets a Temporal Schedule, which is changed and removed with it. Where no Temporal
can be reached the journey is published all the same, and a worker sets the schedule.`,
		Example: `  starter journeys publish --message "Ask a week later"
  starter journeys publish onboarding --message "Ask a week later" --author maria
  starter journeys publish --dry-run`,
		RunE: func(cmd *cobra.Command, args []string) error {
			asked.names = args
			if err := asked.check(); err != nil {
				return err
			}
			return asked.run(cmd.Context(), c)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&asked.folder, "dir", "journeys", "`folder` of the journeys")
	flags.StringVarP(&asked.message, "message", "m", "", "`why`, for those who read the list later")
	flags.StringVar(&asked.author, "author", username(), "`name` of who publishes")
	flags.StringVar(&asked.running, "running", "finish", "`what` becomes of enrollments on earlier versions: finish")
	flags.BoolVar(&asked.dryRun, "dry-run", false, "only show what publishing would change")
	return cmd
}

func (a publication) check() error {
	switch a.running {
	case "finish":
	case "move", "exit":
		return fmt.Errorf("--running %s is not built yet: leave it out, and customers finish on the version that they are in", a.running)
	default:
		return fmt.Errorf("--running can't be %q: write finish", a.running)
	}
	if strings.TrimSpace(a.message) == "" && !a.dryRun {
		return errors.New("say why in a few words, such as --message \"Ask a week later\", or only look with --dry-run")
	}
	return nil
}

func (a publication) run(ctx context.Context, c *console) error {
	folder, file, err := placeOfJourneys([]string{a.folder})
	if err != nil {
		return err
	}
	if file != "" {
		return fmt.Errorf("--dir %s is a file: name the folder, and the journey as an argument", a.folder)
	}
	library, err := loadLibrary(folder)
	if err != nil {
		return err
	}
	policy, err := a.policy(folder)
	if err != nil {
		return err
	}
	settings, s, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := checkScans(library, a.names, settings.Clock); err != nil {
		return err
	}
	changes, err := a.impact(ctx, s, library, policy)
	if err != nil {
		return err
	}
	if !c.json {
		if err := c.show(nil, func(p *page) { changes.writeImpact(p) }); err != nil {
			return err
		}
	}
	switch {
	case a.dryRun:
		return c.showPublished(changes, "Nothing was published: this was a dry run.")
	case !changes.any():
		return c.showPublished(changes, "Nothing to publish: all is as it was published last.")
	}
	looking, err := scheduled(ctx, s, library, changed(changes.Journeys))
	if err != nil {
		return err
	}
	if err := a.publish(ctx, s, library, policy, &changes, settings.Now().UTC()); err != nil {
		return err
	}
	if len(looking) > 0 {
		if changes.Schedules = c.schedule(ctx, settings, s); changes.Schedules == "" {
			changes.Looks = c.looks(ctx, settings, s, looking)
		}
	}
	return c.showPublished(changes, changes.conclusion())
}

// policy reads the contact policy that goes with the journeys: nil where the folder has none, or only some journeys were named.
func (a publication) policy(folder string) (*writtenPolicy, error) {
	if len(a.names) > 0 {
		return nil, nil
	}
	written, problems, err := loadPolicy(folder)
	if err != nil {
		return nil, err
	}
	if len(problems) > 0 {
		return nil, refusal(folder, problems)
	}
	return written, nil
}

// publications are what became, or would become, of all that was asked for.
type publications struct {
	Journeys []published      `json:"journeys"`
	Policy   *publishedPolicy `json:"contact_policy,omitempty"` // absent where none went with them
	Never    []neverReached   `json:"never_reached,omitempty"`  // customers whom the policy leaves no time at all

	Gone    []string `json:"files_gone,omitempty"`         // journeys that are published and whose files are gone, where all were published
	Unknown []string `json:"unknown_colleagues,omitempty"` // ids of colleagues whom journeys name and nobody knows

	Schedules string     `json:"schedules,omitempty"` // what is to be said of the schedules of scans; empty where they are as they should be
	Looks     []nextLook `json:"looks,omitempty"`     // when customers are looked at next, for what was published
}

// impact says what publishing would do, and changes nothing.
func (a publication) impact(ctx context.Context, s *store.Store, library *journey.Library, policy *writtenPolicy) (changes publications, err error) {
	if changes.Journeys, err = impact(ctx, s, library, a.names); err != nil {
		return changes, err
	}
	if changes.Unknown, err = toldAndUnknown(ctx, s, library, a.names); err != nil {
		return changes, err
	}
	if len(a.names) == 0 {
		newest, err := s.NewestPlans(ctx)
		if err != nil {
			return changes, err
		}
		changes.Gone = filesGone(library, newest)
	}
	if policy == nil {
		return changes, nil
	}
	if changes.Policy, err = policy.impact(ctx, s); err != nil {
		return changes, err
	}
	changes.Never, err = unreachableCustomers(ctx, s, policy.policy)
	return changes, err
}

// publish publishes what changed. The policy comes first: a new journey may speak of a topic that only the new policy knows.
func (a publication) publish(
	ctx context.Context, s *store.Store, library *journey.Library, policy *writtenPolicy, changes *publications, now time.Time,
) error {
	if policy != nil && changes.Policy.Fresh {
		var err error
		if changes.Policy, err = policy.publish(ctx, s, a.author, a.message, now); err != nil {
			return err
		}
	}
	names := changed(changes.Journeys)
	if len(names) == 0 {
		return nil
	}
	done, err := publish(ctx, s, library, names, a.author, a.message, now)
	if err != nil {
		return err
	}
	for i, before := range changes.Journeys {
		for _, after := range done {
			if after.Journey == before.Journey && before.Fresh {
				changes.Journeys[i].Version, changes.Journeys[i].Fresh = after.Version, after.Fresh
			}
		}
	}
	return nil
}

// any says whether anything differs from what was published last.
func (c publications) any() bool {
	return len(changed(c.Journeys)) > 0 || c.Policy != nil && c.Policy.Fresh
}

// username is who runs the command, as the system knows them.
func username() string {
	who, err := user.Current()
	if err != nil {
		return os.Getenv("USER")
	}
	return who.Username
}

// changed are the names of the journeys that need a version.
func changed(changes []published) []string {
	var names []string
	for _, change := range changes {
		if change.Fresh {
			names = append(names, change.Journey)
		}
	}
	return names
}

// refusal is the mistakes as one error, the first ones in full.
func refusal(folder string, problems []problem.Problem) error {
	const most = 10
	var lines []error
	for _, p := range problems[:min(most, len(problems))] {
		lines = append(lines, errors.New(p.String()))
	}
	lines = append(lines, fmt.Errorf("nothing was published: mend %s; `starter journeys check %s` says them all",
		count(int64(len(problems)), "mistake", "mistakes"), folder))
	return errors.Join(lines...)
}

func (c publications) writeImpact(p *page) {
	switch {
	case c.Policy == nil:
	case !c.Policy.Fresh:
		p.line("contact policy: unchanged, publication %d is the newest.", c.Policy.Number)
	case c.Policy.Number == 1:
		p.line("contact policy: new, as publication 1. It holds for every touch from then on.")
	default:
		p.line("contact policy: publication %d → %d. It holds for every touch from then on.", c.Policy.Number-1, c.Policy.Number)
	}
	writeNeverReached(p, c.Never)
	for _, change := range c.Journeys {
		switch {
		case !change.Fresh:
			p.line("%s: unchanged, version %d is the newest.", change.Journey, change.Version)
		case change.Version == 1:
			p.line("%s: new, as version 1.", change.Journey)
		default:
			p.line("%s: version %d → %d.", change.Journey, change.Version-1, change.Version)
			if change.Revived {
				p.line("  It is retired: customers enter it again.")
			}
			writeStanding(p, change)
		}
	}
	for _, name := range c.Gone {
		p.line("%s is published and its file is gone: it goes on letting customers in; `starter journeys retire %s --message \"why\"` ends that.", name, name)
	}
	if len(c.Unknown) > 0 {
		p.line("Nobody knows the %s %s, whom a journey tells: `starter colleagues list` shows those there are.",
			map[bool]string{true: "colleague", false: "colleagues"}[len(c.Unknown) == 1], strings.Join(c.Unknown, ", "))
	}
}

func writeStanding(p *page, change published) {
	if len(change.Running) == 0 {
		p.line("  Nobody is in it now.")
		return
	}
	var total int64
	var rows [][]string
	for _, at := range change.Running {
		total += at.Running
		step, remark := at.Step, ""
		if step == "" {
			step = "(just entered)"
		}
		if at.Gone {
			remark = fmt.Sprintf("not in version %d", change.Version)
		}
		paused := ""
		if at.Paused > 0 {
			paused = strconv.FormatInt(at.Paused, 10)
		}
		rows = append(rows, []string{strconv.Itoa(at.Version), step, strconv.FormatInt(at.Running, 10), paused, remark})
	}
	p.line("  Running now: %s. Each finishes on the version that it is in:", count(total, "enrollment", "enrollments"))
	p.table("    ", []string{"VERSION", "STEP", "RUNNING", "PAUSED", "STEP IS"}, rows)
}

func (c *console) showPublished(changes publications, conclusion string) error {
	return c.show(changes, func(p *page) { p.line("%s", conclusion) })
}

func (c publications) conclusion() string {
	var names []string
	if c.Policy != nil && c.Policy.Fresh {
		names = append(names, fmt.Sprintf("the contact policy as publication %d", c.Policy.Number))
	}
	entered := ""
	for _, change := range c.Journeys {
		if change.Fresh {
			names = append(names, fmt.Sprintf("%s as version %d", change.Journey, change.Version))
			entered = " Customers enter the new version from now on."
		}
	}
	if len(names) == 0 {
		return "Nothing was published: somebody else published the same just now."
	}
	lines := []string{"Published " + strings.Join(names, ", ") + "." + entered}
	if c.Schedules != "" {
		lines = append(lines, c.Schedules)
	}
	for _, look := range c.Looks {
		lines = append(lines, look.Journey+": "+look.String()+".")
	}
	return strings.Join(lines, "\n")
}
