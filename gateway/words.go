package gateway

import (
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// What short answers mean. A word counts only where it is the whole message: who writes "please don't stop" wants us to go on.

// isStop says whether a message is one of the words by which customers and carriers say: no more. The English ones are those at which
// Twilio stops sending by itself.
func isStop(text string) bool {
	switch strings.ToLower(strings.Trim(norm.NFKC.String(text), " \t\r\n.!。")) {
	case "stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout":
		return true
	case "td", "t", "退订":
		return true
	}
	return false
}

// scoreForm is a whole number from 1 to 5 and nothing else but a full stop or the like.
var scoreForm = regexp.MustCompile(`^([1-5])[.!。]?$`)

// scoreOf reads an answer such as "4", "４" or " 5! ".
func scoreOf(text string) (int, bool) {
	found := scoreForm.FindStringSubmatch(strings.TrimSpace(norm.NFKC.String(text)))
	if found == nil {
		return 0, false
	}
	n, err := strconv.Atoi(found[1])
	return n, err == nil
}
