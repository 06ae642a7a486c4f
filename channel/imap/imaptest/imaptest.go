// Package imaptest gives tests a real IMAP server on loopback, with one person's mailbox.
package imaptest

import (
	"io"
	"log"
	"net"
	"strings"
	"testing"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
)

// Whose mailbox it is.
const (
	User     = "care@example.com"
	Password = "hunter2"
)

// Server has two mailboxes: INBOX and Perennial.
type Server struct {
	Address string // host and port

	t    *testing.T
	user *imapmemserver.User
}

// Serve starts a server that knows no more of IMAP than it must, and caps.
func Serve(t *testing.T, caps ...goimap.Cap) *Server {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Address: listener.Addr().String(), t: t, user: imapmemserver.NewUser(User, Password)}
	for _, box := range []string{"INBOX", "Perennial"} {
		if err := s.user.Create(box, nil); err != nil {
			t.Fatal(err)
		}
	}
	known := imapmemserver.New()
	known.AddUser(s.user)
	has := goimap.CapSet{goimap.CapIMAP4rev1: {}}
	for _, c := range caps {
		has[c] = struct{}{}
	}
	running := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return known.NewSession(), nil, nil
		},
		Caps: has, InsecureAuth: true, Logger: log.New(io.Discard, "", 0),
	})
	go running.Serve(listener) //nolint:errcheck // it ends when it is closed
	t.Cleanup(func() { _ = running.Close() })
	return s
}

// URL is where a mailbox is read; empty is INBOX.
func (s *Server) URL(box string) string {
	return "imap://" + strings.ReplaceAll(User, "@", "%40") + ":" + Password + "@" + s.Address + "/" + box
}

// Put brings a mail to the inbox.
func (s *Server) Put(mail string) {
	s.t.Helper()
	if _, err := s.user.Append("INBOX", literal{strings.NewReader(mail)}, &goimap.AppendOptions{}); err != nil {
		s.t.Fatal(err)
	}
}

type literal struct{ *strings.Reader }

func (l literal) Size() int64 { return l.Reader.Size() }

// Unseen is how many mails of the inbox are unseen.
func (s *Server) Unseen() int {
	s.t.Helper()
	status, err := s.user.Status("INBOX", &goimap.StatusOptions{NumUnseen: true})
	if err != nil {
		s.t.Fatal(err)
	}
	return int(*status.NumUnseen)
}
