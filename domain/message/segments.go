package message

import "strings"

// Encoding is how a text travels by SMS.
type Encoding string

// The encodings of SMS (3GPP TS 23.038).
const (
	GSM7 Encoding = "GSM-7" // 160 characters in one segment, 153 in each of several
	UCS2 Encoding = "UCS-2" // 70 and 67; one character outside GSM-7 makes the whole text travel so
)

// gsmBasic are the characters that take one place in GSM-7, gsmExtended those that take two.
const (
	gsmBasic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmExtended = "^{}\\[~]|€\f"
)

// Segments returns in which encoding a text travels by SMS, in how many segments, and how many of its places it fills: what a provider
// charges by.
func Segments(text string) (encoding Encoding, segments, characters int) {
	widths, ok := gsmWidths(text)
	if ok {
		segments, characters = pack(widths, 160, 153)
		return GSM7, segments, characters
	}
	widths = widths[:0]
	for _, r := range text {
		width := 1
		if r > 0xFFFF { // a pair of UTF-16 units, which is never torn apart
			width = 2
		}
		widths = append(widths, width)
	}
	segments, characters = pack(widths, 70, 67)
	return UCS2, segments, characters
}

// Unusual returns the characters that make a text travel as UCS-2, each once.
func Unusual(text string) string {
	var unusual strings.Builder
	for _, r := range text {
		if !strings.ContainsRune(gsmBasic+gsmExtended, r) && !strings.ContainsRune(unusual.String(), r) {
			unusual.WriteRune(r)
		}
	}
	return unusual.String()
}

func gsmWidths(text string) (widths []int, ok bool) {
	for _, r := range text {
		switch {
		case strings.ContainsRune(gsmBasic, r):
			widths = append(widths, 1)
		case strings.ContainsRune(gsmExtended, r):
			widths = append(widths, 2)
		default:
			return nil, false
		}
	}
	return widths, true
}

// pack counts the segments that characters of these widths fill when one alone holds single places and each of several holds several.
func pack(widths []int, single, several int) (segments, places int) {
	for _, w := range widths {
		places += w
	}
	if places <= single {
		return min(places, 1), places
	}
	segments, room := 1, several
	for _, w := range widths {
		if w > room {
			segments, room = segments+1, several
		}
		room -= w
	}
	return segments, places
}
