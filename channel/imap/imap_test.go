package imap_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	goimap "github.com/emersion/go-imap/v2"

	"perennial/channel/imap"
	"perennial/channel/imap/imaptest"
)

// server is an IMAP server with a mailbox of ours.
type server struct {
	*testing.T
	*imaptest.Server
}

func serve(t *testing.T, caps ...goimap.Cap) *server {
	t.Helper()
	return &server{t, imaptest.Serve(t, caps...)}
}

// put brings a mail to the inbox.
func (s *server) put(text string) { s.Put("Subject: a mail\r\n\r\n" + text) }

func (s *server) box(change func(*imap.Config)) *imap.Mailbox {
	s.Helper()
	c := imap.Config{URL: s.URL(""), Every: 20 * time.Millisecond, Log: slog.New(slog.DiscardHandler)}
	if change != nil {
		change(&c)
	}
	box, err := imap.New(c)
	if err != nil {
		s.Fatal(err)
	}
	return box
}

// taker records mails, and fails as it is told.
type taker struct {
	mu    sync.Mutex
	taken []string
	fails func(mail string) bool
	came  chan struct{}

	through atomic.Int32 // how often nothing was left to take

}

func newTaker(fails func(string) bool) *taker {
	return &taker{fails: fails, came: make(chan struct{}, 1000)}
}

func (k *taker) take(_ context.Context, m imap.Mail) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	defer func() { k.came <- struct{}{} }()
	_, text, _ := strings.Cut(string(m.Raw), "\r\n\r\n")
	if k.fails != nil && k.fails(text) {
		return errors.New("the database is away")
	}
	k.taken = append(k.taken, m.Place+": "+text)
	return nil
}

func (k *taker) all() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.taken)
}

// watch watches until something is so, and returns what Watch returned.
func watch(t *testing.T, box *imap.Mailbox, k *taker, so func() bool) error {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- box.Watch(ctx, k.take, func(context.Context) { k.through.Add(1) }) }()
	defer cancel()
	for {
		select {
		case err := <-ended:
			return err
		case <-k.came:
		case <-time.After(10 * time.Millisecond):
		}
		if so() {
			cancel()
			return <-ended
		}
	}
}

func TestEachMailIsTakenOnceAndMarkedAsSeen(t *testing.T) {
	t.Parallel()
	s := serve(t)
	s.put("one")
	s.put("two")
	k := newTaker(nil)
	if err := watch(t, s.box(nil), k, func() bool { return k.through.Load() > 0 }); err != nil || s.Unseen() != 0 {
		t.Fatalf("%v, and %d are unseen", err, s.Unseen())
	}
	s.put("three")
	if err := watch(t, s.box(nil), k, func() bool { return s.Unseen() == 0 }); err != nil { // as after a restart
		t.Fatal(err)
	}
	want := []string{"INBOX, UID 1: one", "INBOX, UID 2: two", "INBOX, UID 3: three"}
	if got := k.all(); !slices.Equal(got, want) {
		t.Errorf("took %q", got)
	}
}

func TestAMailThatCouldNotBeRecordedStaysUnseenAndComesAgain(t *testing.T) {
	t.Parallel()
	s := serve(t)
	s.put("one")
	tries := 0
	k := newTaker(func(string) bool { tries++; return tries < 4 })
	if err := watch(t, s.box(nil), k, func() bool {
		k.mu.Lock()
		defer k.mu.Unlock()
		if tries < 4 && s.Unseen() != 1 {
			t.Error("it is marked as seen, and was not recorded")
		}
		return tries >= 4 && s.Unseen() == 0
	}); err != nil {
		t.Fatal(err)
	}
	if got := k.all(); len(got) != 1 {
		t.Errorf("took %q", got)
	}
}

func TestMailsThatCanNeverBeRecordedHoldUpNoOther(t *testing.T) {
	t.Parallel()
	s := serve(t)
	for range 5 {
		s.put("poison")
	}
	s.put("good")
	k := newTaker(func(mail string) bool { return mail == "poison" })
	if err := watch(t, s.box(nil), k, func() bool { return s.Unseen() == 5 }); err != nil {
		t.Fatal(err)
	}
	if got := k.all(); !slices.Equal(got, []string{"INBOX, UID 6: good"}) || k.through.Load() != 0 {
		t.Errorf("took %q, and was through %d times", got, k.through.Load())
	}
}

func TestAServerThatTellsOfMailsIsNotAskedAgainAndAgain(t *testing.T) {
	t.Parallel()
	s := serve(t, goimap.CapIdle)
	k := newTaker(nil)
	put := false
	err := watch(t, s.box(func(c *imap.Config) { c.Every = time.Hour }), k, func() bool {
		if !put {
			put = true
			s.put("one") // while it waits, or just before
		}
		return s.Unseen() == 0
	})
	if got := k.all(); err != nil || len(got) != 1 {
		t.Errorf("took %q, %v", got, err)
	}
}

func TestAMailThatIsTooLargeIsCut(t *testing.T) {
	t.Parallel()
	s := serve(t)
	s.put(strings.Repeat("x", imap.MaxMail))
	k := newTaker(nil)
	if err := watch(t, s.box(nil), k, func() bool { return s.Unseen() == 0 }); err != nil {
		t.Fatal(err)
	}
	if got := k.all(); len(got) != 1 || len(got[0]) >= imap.MaxMail {
		t.Errorf("took %d mails, the first of %d bytes", len(got), len(got[0]))
	}
}

func TestAConnectionThatBreaksIsAnErrorAndNothingIsLost(t *testing.T) {
	t.Parallel()
	s := serve(t)
	s.put("one")
	proxy, cut := through(t, s.Address)
	k := newTaker(nil)
	box := s.box(func(c *imap.Config) { c.URL = strings.Replace(c.URL, s.Address, proxy, 1) })
	k.fails = func(string) bool { cut(); return false } // recorded, and cut before it is marked
	if err := watch(t, box, k, func() bool { return false }); err == nil {
		t.Error("nobody noticed")
	}
	if s.Unseen() != 1 {
		t.Errorf("%d mails are unseen", s.Unseen())
	}
	k.fails = nil
	if err := watch(t, s.box(nil), k, func() bool { return s.Unseen() == 0 }); err != nil || len(k.all()) != 2 {
		t.Errorf("after that, took %q, %v", k.all(), err)
	}
}

// through is a way to a server that can be cut.
func through(t *testing.T, to string) (address string, cut func()) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	var mu sync.Mutex
	var open []net.Conn
	go func() {
		for {
			in, err := listener.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", to)
			if err != nil {
				_ = in.Close()
				return
			}
			mu.Lock()
			open = append(open, in, out)
			mu.Unlock()
			go func() { _, _ = io.Copy(in, out) }()
			go func() { _, _ = io.Copy(out, in) }()
		}
	}()
	return listener.Addr().String(), func() {
		mu.Lock()
		defer mu.Unlock()
		for _, c := range open {
			_ = c.Close()
		}
	}
}

func TestAServerThatHangsIsGivenUp(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	box, err := imap.New(imap.Config{URL: "imap://a:b@" + listener.Addr().String(), Timeout: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if err := box.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "too slow, when we were to log in") {
		t.Error(err)
	}
}

func TestCheckSaysWhatIsWrongAndNoSecret(t *testing.T) {
	t.Parallel()
	s := serve(t)
	s.put("one")
	if err := s.box(nil).Check(t.Context()); err != nil || s.Unseen() != 1 {
		t.Errorf("%v, and %d are unseen", err, s.Unseen())
	}
	if err := s.box(func(c *imap.Config) { c.URL = s.URL("Perennial") }).Check(t.Context()); err != nil {
		t.Error(err)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = free.Close()
	for url, says := range map[string]string{
		s.URL("Nowhere"): "refuses to let us open the mailbox: NO (NONEXISTENT)",
		strings.Replace(s.URL(""), imaptest.Password, "guess-0000", 1): "refuses to let us log in: NO",
		strings.Replace(s.URL(""), s.Address, free.Addr().String(), 1): "can't be reached",
		strings.Replace(s.URL(""), "imap://", "imaps://", 1):           "does not speak IMAP as the URL says",
	} {
		err := s.box(func(c *imap.Config) { c.URL = url }).Check(t.Context())
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
		if err != nil && (strings.Contains(err.Error(), imaptest.Password) || strings.Contains(err.Error(), "guess") || strings.Contains(err.Error(), "care@")) {
			t.Errorf("it tells: %v", err)
		}
	}
}

func TestAURLThatIsWrongIsRefusedWithoutQuotingIt(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"", "https://care:hunter2@mail.example.com", "imaps://mail.example.com", "imaps://care@mail.example.com", "imaps://:hunter2@mail.example.com",
		"imaps:///INBOX", "imaps://care:hunter2@mail.example.com/IN?BOX", "imaps://care:hunter2%zz@mail.example.com",
	} {
		_, err := imap.New(imap.Config{URL: url})
		if err == nil || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "imaps://user:password@host:993/INBOX") {
			t.Errorf("%s: %v", url, err)
		}
	}
}

// The servers of these tests have no TLS, and 0.0.0.0 is this machine under an address that is not loopback.
func TestWithoutLoopbackTLSIsMandatory(t *testing.T) {
	t.Parallel()
	s := serve(t)
	_, port, err := net.SplitHostPort(s.Address)
	if err != nil {
		t.Fatal(err)
	}
	err = s.box(func(c *imap.Config) { c.URL = strings.Replace(c.URL, s.Address, "0.0.0.0:"+port, 1) }).Check(t.Context())
	if err == nil || !strings.Contains(err.Error(), "takes no STARTTLS") {
		t.Errorf("without TLS: %v", err)
	}
}
