package sandbox

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf16"
)

// This file is what Twilio answers with: a message, a page of them, an error.

// twilioError is an error of Twilio's API. Its message quotes what the sender gave, as Twilio's do.
type twilioError struct {
	status  int
	code    int
	message string
}

func (e twilioError) json() map[string]any {
	return map[string]any{
		"code":      e.code,
		"message":   e.message,
		"more_info": fmt.Sprintf("https://www.twilio.com/docs/errors/%d", e.code),
		"status":    e.status,
	}
}

func (s *Sandbox) messageJSON(m Message) map[string]any {
	uri := fmt.Sprintf("/2010-04-01/Accounts/%s/Messages/%s", s.config.AccountSID, m.ID)
	direction, status := "outbound-api", "queued"
	if m.Reply {
		direction, status = "inbound", "received"
	}
	answer := map[string]any{
		"account_sid":           s.config.AccountSID,
		"api_version":           "2010-04-01",
		"body":                  m.Text,
		"date_created":          rfc2822(m.RealAt), // its own clock, which knows nothing of the stack's
		"date_sent":             nil,
		"date_updated":          rfc2822(m.RealAt),
		"direction":             direction,
		"error_code":            nil,
		"error_message":         nil,
		"from":                  from(m),
		"messaging_service_sid": nil,
		"num_media":             "0",
		"num_segments":          strconv.Itoa(segments(m.Text)),
		"price":                 nil,
		"price_unit":            "USD",
		"sid":                   m.ID,
		"status":                status,
		"subresource_uris":      map[string]any{"media": uri + "/Media.json"},
		"to":                    to(m),
		"uri":                   uri + ".json",
	}
	if strings.HasPrefix(m.Sender, "MG") {
		answer["messaging_service_sid"], answer["from"] = m.Sender, nil
	}
	return answer
}

func (s *Sandbox) listJSON(request *url.URL, messages []Message, page, size int, more bool) map[string]any {
	list := make([]map[string]any, 0, len(messages))
	for _, m := range messages {
		list = append(list, s.messageJSON(m))
	}
	answer := map[string]any{
		"messages":          list,
		"page":              page,
		"page_size":         size,
		"start":             page * size,
		"end":               page*size + max(len(messages)-1, 0),
		"uri":               pageURI(request, page, size, request.Query().Get("PageToken")),
		"first_page_uri":    pageURI(request, 0, size, ""),
		"next_page_uri":     nil,
		"previous_page_uri": nil, // nobody goes back
	}
	if more {
		answer["next_page_uri"] = pageURI(request, page+1, size, tokenPrefix+messages[len(messages)-1].ID)
	}
	return answer
}

func pageURI(request *url.URL, page, size int, token string) string {
	query := request.Query()
	query.Set("Page", strconv.Itoa(page))
	query.Set("PageSize", strconv.Itoa(size))
	query.Del("PageToken")
	if token != "" {
		query.Set("PageToken", token)
	}
	return request.Path + "?" + query.Encode()
}

// The letters of GSM 03.38 take one septet each, its extension two; any other letter makes the whole message UCS-2.
const (
	gsmBasic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmExtended = "\f^{}\\[~]|€"
)

// segments returns how many SMS a text takes: 160 septets or 70 UCS-2 units alone, 153 or 67 each where there are several.
func segments(text string) int {
	septets := 0
	for _, letter := range text {
		switch {
		case strings.ContainsRune(gsmBasic, letter):
			septets++
		case strings.ContainsRune(gsmExtended, letter):
			septets += 2
		default:
			return pieces(len(utf16.Encode([]rune(text))), 70, 67)
		}
	}
	return pieces(septets, 160, 153)
}

func pieces(units, alone, several int) int {
	if units <= alone {
		return 1
	}
	return (units + several - 1) / several
}
