package telemetry

import (
	"testing"
	"time"
)

func TestWhatLooksLikeAPersonsAddressIsTakenOut(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"+12015550101":                                  "(phone)",
		"send to +44 7700 900123 failed":                "send to (phone) failed",
		"(201) 555-0101":                                "(phone)",
		"(201) - 555 - 0101":                            "(phone)",
		"201.555.0101s":                                 "(phone)s",
		"2015550101":                                    "(phone)",
		"0170/1234567":                                  "(phone)",
		"tel:555-0101,":                                 "tel:(phone),",
		"tel2015550101":                                 "tel(phone)",
		"电话13812345678。":                                "电话(phone)。",
		"１３８１２３４５６７８":                                   "(phone)",
		"whatsapp:+12015550101":                         "whatsapp:(phone)",
		`parse "a\n2015550101": bad`:                    `parse "a\n(phone)": bad`,
		"https://api.example/M?To=%2B12015550101&x=1":   "https://api.example/M?To=(phone)&x=1",
		"To=%2B1%20201%20555%200101":                    "To=(phone)",
		"00442079460000":                                "(phone)",
		"ada@example.org":                               "(e-mail)",
		"550 <Ada.Fairley+x@mail.example.org>: unknown": "550 <(e-mail)>: unknown",
		"https://x.example/?to=ada%40example.org":       "https://x.example/?(e-mail)",
		`"ada lovelace"@example.org`:                    "(e-mail)",
		"o'brien@example.co.uk, eve@пример.рф":          "(e-mail), (e-mail)",
		"ada@xn--e1afmkfd.xn--p1ai":                     "(e-mail)",
		"postmaster@[192.0.2.1]":                        "(e-mail)",
		"a@b.example c@d.example":                       "(e-mail) (e-mail)",
	} {
		if got := Redact(text); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", text, got, want)
		}
	}
}

func TestWhatAnEngineerNeedsStaysReadable(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"c-1042", "c-1234567", "order-123456789", "customer c-1042 in journey/onboarding/c-1042/o-7654321",
		"touch 17.how_is_it.1.1", "00f067aa0ba902b7", "1234567aa0ba902b", "1234567.welcome.12.1", "bounce of 1234567.welcome.1.1.",
		"SM0123456789abcdef0123456789abcdef", "HX00000000000000000000000000000000", "twilio:MM01234567890123456789012345678901",
		"finish enrollment 12345678: gone", "enrollment 1 waits for the run of enrollment 12345678901 to close",
		"019ac3f2-1234-7890-8123-456789012345", "run 01234567-0123-0123-0123-012345678901",
		"4bf92f3577b34da6a3ce929d0e0e4736",
		"2026-05-04", "2026-05-04T11:00:00Z", "2026-05-04T11:00:00.123456789+08:00", "2026-05-04 11:00:00.123456 +0000 UTC", "at 2026-05-04 11:00:00 12 rows",
		"11:00:00.123456789", "1.234567891s", "12m3.456789012s", "1h2m3.5s", "300µs",
		"dial tcp 10.244.17.101:5432: connect: connection refused", "[::1]:8420", "http://127.0.0.1:8421/healthz",
		"SQLSTATE 23505", "twilio: the address can't be reached (21211)", "123456", "8 of 512",
		"12345@perennial-worker-0@", "go.temporal.io/sdk@v1.50.0/internal/worker.go:1234", "50 %", "100%",
	} {
		if got := Redact(text); got != text {
			t.Errorf("%s became %s", text, got)
		}
	}
	now := time.Date(2026, 5, 4, 11, 0, 0, 123456789, time.FixedZone("", 8*3600))
	for _, layout := range []string{time.RFC3339Nano, time.RFC3339, time.DateTime, time.DateOnly, time.StampNano} {
		if text := now.Format(layout); Redact(text) != text {
			t.Errorf("the time %s became %s", text, Redact(text))
		}
	}
}
