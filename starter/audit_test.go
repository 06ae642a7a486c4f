package main

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"perennial/store"
)

// reading are the commands that change nothing, and those that only run something. A command that is added stands here, or among those that
// TestEveryCommandThatChangesSomethingIsInTheAuditLog runs.
func reading() []string {
	return []string{
		"audit", "bench", "chaos", "colleagues list", "colleagues show", "customers consents", "customers show", "customers unreachable", "demo", "dev", "doctor",
		"enrollments list", "enrollments show", "gateway", "journeys check", "journeys diff", "journeys history", "journeys list", "journeys new",
		"journeys results", "journeys schema", "journeys show", "mail list", "mail take", "policy check", "policy conflicts", "policy explain", "policy schema", "policy show", "ready", "replies list",
		"sandbox", "templates check", "templates list", "templates preview", "templates show", "tokens list", "touches unconfirmed", "ui links",
	}
}

func TestEveryCommandThatChangesSomethingIsInTheAuditLog(t *testing.T) {
	t.Parallel()
	b := newBusiness(t).withTemporal().withGateway().withWorker()
	folder := journeys(t)
	b.does("import", "colleagues", b.file("colleagues.csv", "colleague,time_zone,email\nmaria,Asia/Shanghai,maria@example.com\nomar,Europe/Paris,omar@example.com\n"))
	b.withCustomers()
	b.does("journeys", "publish", "--dir", folder, "--message", "first")
	b.does("enroll", "onboarding", "--customer", "c-2")
	e := b.enrollmentOf("c-2")
	steps := map[string][]string{
		"customers close":    {"c-1", "--reason", "moved abroad"},
		"customers reopen":   {"c-1"},
		"customers export":   {"c-1"},
		"customers erase":    {"c-1", "--yes"},
		"colleagues away":    {"omar", "--from", "2026-12-24"},
		"enroll":             {"return-visit", "--customer", "c-2"},
		"enrollments pause":  {e},
		"enrollments resume": {e},
		"enrollments skip":   {e},
		"enrollments exit":   {e, "--reason", "moved away"},
		"event":              {"consent.changed", "--customer", "c-2", "--id", "said-1", "--data", "topic=care", "--data", "granted=true"},
		"import absences":    {b.file("absences.csv", "colleague,from,to\nomar,2027-01-01,2027-01-02\n")},
		"import agreements":  {b.file("agreements.csv", "customer,agreement,renews_on\nc-2,a-1,2027-01-01\n")},
		"import assets":      {b.file("assets.csv", "customer,asset\nc-2,car-1\n")},
		"import colleagues":  {b.file("more.csv", "colleague,time_zone\nlena,Europe/Paris\n")},
		"import complaints":  {b.file("complaints.csv", "customer,complaint,opened_on\nc-2,k-1,2026-01-01\n")},
		"import customers":   {b.file("customers.csv", "customer,name,time_zone\nc-3,Ada Oakley,Europe/Paris\n")},
		"import purchases":   {b.file("purchases.csv", "customer,order_id,quantity,amount,currency,purchased_at\nc-2,o-1,1,7,USD,2026-01-01\n")},
		"import readings":    {b.file("readings.csv", "customer,asset,reading,value,read_on\nc-2,car-1,mileage,70,2026-01-01\n"), "--dir", folder},
		"journeys publish":   {"--dir", folder, "--message", "second"},
		"journeys retire":    {"win-back", "--message", "no more"},
		"migrate":            {},
		"replies read":       {"m-1"},
		"mail seen":          {"mail:1"},
		"tokens create":      {"shop", "--role", "ingest"},
		"tokens revoke":      {"1"},
	}
	order := []string{
		"enrollments pause", "enrollments resume", "enrollments skip", "enrollments exit", "customers close", "customers reopen", "customers export",
		"customers erase", "import assets",
	}
	deeds := map[string]string{
		"customers close": store.Closed, "customers reopen": store.Reopened, "customers export": store.Exported, "customers erase": store.Erased,
		"colleagues away": store.AbsenceAdded, "enroll": store.EnrolledByHand, "enrollments pause": store.Paused, "enrollments resume": store.Resumed,
		"enrollments skip": store.Skipped, "enrollments exit": store.Exited, "event": store.ConsentByHand, "journeys publish": store.Published,
		"journeys retire": store.Retired, "replies read": store.ReplyRead, "mail seen": store.MailSeen, "tokens create": store.TokenCreated, "tokens revoke": store.TokenRevoked,
	}
	edit(t, folder+"/onboarding.yaml", "title: ", "title: New ")
	_, err := b.store.KeepReply(t.Context(), store.Reply{ID: "m-1", Channel: "sms", Address: "+12015550199", Text: "Who is this?", At: noon()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.store.RecordMail(t.Context(), store.Mail{ID: "mail:1", Result: store.MailComplaint, At: noon()}); err != nil {
		t.Fatal(err)
	}
	for name := range steps {
		if !slices.Contains(order, name) {
			order = append(order, name)
		}
	}
	slices.SortFunc(order[9:], strings.Compare)
	for _, name := range order {
		before := b.newestDeed()
		b.does(append(strings.Fields(name), steps[name]...)...)
		want := deeds[name]
		if strings.HasPrefix(name, "import ") {
			want = store.Imported
		}
		if name == "migrate" { // there is nothing to migrate: TestAMigrationIsInTheAuditLog has something
			continue
		}
		newest := b.newestDeed()
		if newest.ID == before.ID || newest.What != want || newest.By != operator() || newest.Outcome == "begun" {
			t.Errorf("after %s the newest entry is %+v", name, newest)
		}
	}
	var all []store.Deed
	b.reads(&all, "audit", "--limit", "1000")
	text := b.does("audit", "--limit", "1000")
	for _, personal := range []string{"林", "Oakley", "1380000", "12015550", "c1@example.com", "Who is this"} {
		if strings.Contains(text, personal) {
			t.Errorf("the audit log says %q", personal)
		}
	}
	says(t, b.does("audit", "--customer", "c-1", "--deed", "erased"), "erased", "customer c-1", "begun: nothing is sent from now on", "rows removed", operator().Name)

	// Every command is known to this test.
	known := append(reading(), order...)
	for _, command := range commands(newRoot(&console{})) {
		name := strings.TrimPrefix(command.CommandPath(), "starter ")
		if command.HasSubCommands() || strings.HasPrefix(name, "completion") || strings.HasPrefix(name, "help") || slices.Contains(known, name) {
			continue
		}
		t.Errorf("starter %s: does it change something? Then it is in the audit log, and in this test; otherwise it stands among those that only read", name)
	}
}

func (b *business) newestDeed() store.Deed {
	b.t.Helper()
	deeds, err := b.store.Deeds(b.t.Context(), store.DeedFilter{}, 0, 1)
	if err != nil {
		b.t.Fatal(err)
	}
	if len(deeds) == 0 {
		return store.Deed{}
	}
	return deeds[0]
}

// enrollmentOf is the id of a customer's only enrollment, once it runs.
func (b *business) enrollmentOf(who string) string {
	b.t.Helper()
	var all []store.Enrollment
	b.reads(&all, "enrollments", "list", "--customer", who)
	if len(all) != 1 || all[0].StartedAt.IsZero() {
		b.t.Fatalf("%s is in %+v", who, all)
	}
	return strconv.FormatInt(all[0].ID, 10)
}

func TestAMigrationIsInTheAuditLog(t *testing.T) {
	t.Parallel()
	b := unmigrated(t)
	b.does("migrate")
	if d := b.newestDeed(); d.What != store.Migrated || d.By != operator() {
		t.Errorf("the audit log has %+v", d)
	}
}

func TestWhatFailsIsInTheAuditLogToo(t *testing.T) {
	t.Parallel()
	b := newBusiness(t).withTemporal()
	b.withCustomers()
	b.does("journeys", "publish", "--dir", journeys(t), "--message", "first")
	e := b.enter("c-1", "onboarding")
	if err := b.store.MarkStarted(t.Context(), e.ID, noon()); err != nil {
		t.Fatal(err)
	}
	b.refuses("is not running in Temporal any more", "enrollments", "pause", "1")
	var paused []store.Deed
	b.reads(&paused, "audit", "--deed", "paused", "--customer", "c-1")
	if len(paused) != 2 || paused[0].Outcome != "failed" || paused[1].Outcome != "begun" || paused[0].Subject != "1" {
		t.Errorf("the audit log has %+v", paused)
	}
}

func TestTheAuditLogSaysWhatItCantRead(t *testing.T) {
	t.Parallel()
	b := newBusiness(t)
	says(t, b.does("audit"), "The audit log has nothing of that.")
	b.refuses("--since \"soon\" is no day: write it as 2026-11-01", "audit", "--since", "soon")
	b.refuses("--limit must be at least 1", "audit", "--limit", "0")
}
