package message

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/currency"
	"golang.org/x/text/language"
	textmessage "golang.org/x/text/message"
	"golang.org/x/text/number"

	"perennial/domain/problem"
)

// format writes dates, numbers and money as people write them in the language of a template.
type format struct {
	dates   dateLayouts
	numbers *textmessage.Printer
	symbols bool // the sign of a currency stands before its amount; otherwise its code does, which everybody understands
	english bool
}

// The styles of a date.
const (
	styleLong    = "long"
	styleShort   = "short"
	styleDay     = "day"
	styleWeekday = "weekday"
	styleTime    = "time"
)

var dateStyles = []string{styleLong, styleShort, styleDay, styleWeekday, styleTime}

// dateLayouts are the layouts of a language by style, as package time writes them, with the names of weekdays where they are not English.
type dateLayouts struct {
	layouts  map[string]string
	weekdays []string // from Sunday on
}

// How dates are written, after the patterns yMMMMd, MMMMd, MMMMEEEEd and Hm that Unicode CLDR (cldr.unicode.org) has for en, en-001 and zh:
// golang.org/x/text, which has the numbers of CLDR, lacks its dates. English is written with the day first, as all of its readers
// understand it, but for that of the United States.
var (
	english = dateLayouts{layouts: map[string]string{
		styleLong: "2 January 2006", styleShort: "2 January", styleDay: "Monday, 2 January", styleWeekday: "Monday", styleTime: "15:04",
	}}
	american = dateLayouts{layouts: map[string]string{
		styleLong: "January 2, 2006", styleShort: "January 2", styleDay: "Monday, January 2", styleWeekday: "Monday", styleTime: "3:04 PM",
	}}
	chinese = dateLayouts{
		layouts: map[string]string{
			styleLong: "2006年1月2日", styleShort: "1月2日", styleDay: "1月2日Monday", styleWeekday: "Monday", styleTime: "15:04",
		},
		weekdays: []string{"星期日", "星期一", "星期二", "星期三", "星期四", "星期五", "星期六"},
	}
	// elsewhere is for languages that are not in this table: a day that nobody takes for another (ISO 8601).
	elsewhere = dateLayouts{layouts: map[string]string{
		styleLong: time.DateOnly, styleShort: time.DateOnly, styleDay: time.DateOnly, styleWeekday: time.DateOnly, styleTime: "15:04",
	}}
)

// formatOf returns how things are written in a language.
func formatOf(written string) format {
	tag := language.Make(written)
	f := format{dates: elsewhere, numbers: textmessage.NewPrinter(tag)}
	base, _ := tag.Base()
	switch base.String() {
	case "en":
		f.dates, f.symbols, f.english = english, true, true
		if region, _ := tag.Region(); region.String() == "US" && written != "en" {
			f.dates = american
		}
	case "zh":
		f.dates, f.symbols = chinese, true
	}
	return f
}

// date writes a date in a style.
func (f format) date(t time.Time, style string) string {
	text := t.Format(f.dates.layouts[style])
	if f.dates.weekdays == nil {
		return text
	}
	return strings.Replace(text, t.Weekday().String(), f.dates.weekdays[t.Weekday()], 1)
}

// number writes a number with its thousands apart, and with so many places, or as many as it has up to two where places is negative.
func (f format) number(n any, places int) string {
	option := number.Scale(places)
	if places < 0 {
		option = number.MaxFractionDigits(2)
	}
	return plainSpaces(f.numbers.Sprint(number.Decimal(n, option)))
}

// money writes an amount with the sign of its currency, and with as many places as it has coins.
func (f format) money(amount float64, unit currency.Unit) string {
	places, _ := currency.Standard.Rounding(unit)
	digits := f.number(amount, places)
	if !f.symbols {
		return unit.String() + " " + digits
	}
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	return sign + plainSpaces(f.numbers.Sprint(currency.Symbol(unit))) + digits
}

// plainSpaces makes spaces at which no line breaks plain ones: one of them alone would let an SMS take twice as many segments.
func plainSpaces(text string) string {
	return strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(text)
}

// directives are the letters that the date filter understands after %, and englishNames those of them that write English words.
const (
	directives   = "YyCmBbhdejHkIlMSLNPpzZAauwGgVUWsQntcDxFvrRTX+%"
	englishNames = "BbhAaPpcvr+"
)

func suggestStyle(written string) string {
	return problem.Suggest(written, dateStyles) + `, or a format such as "%-d %B %Y"`
}

// wideDirective is one that is filled up to a hundred places or more. A few of those would fill the memory.
var wideDirective = regexp.MustCompile(`^%[-_^#:0]*[0-9]{3,}`)

// dateFormat says what is wrong with the format of a date, and what to write instead.
func (f format) dateFormat(written string) (what, mend string) {
	if slices.Contains(dateStyles, written) {
		return "", ""
	}
	if !strings.Contains(written, "%") {
		return `"` + written + `" is no style of a date`, suggestStyle(written)
	}
	for rest := written; ; {
		_, after, ok := strings.Cut(rest, "%")
		if !ok {
			return "", ""
		}
		letter := strings.TrimLeft(after, "-_^#:0123456789EO")
		switch {
		case wideDirective.MatchString("%" + after):
			return `"` + written + `" fills a date up to more places than it has`, "leave out the number behind the %"
		case letter == "" || !strings.Contains(directives, letter[:1]):
			return `"` + written + `" has a % that means nothing`, `write a style such as "long", or a format such as "%-d %B %Y"`
		case !f.english && strings.Contains(englishNames, letter[:1]):
			return "%" + letter[:1] + " writes English words", `write date: "long", "short", "day" or "weekday", which know the language`
		}
		rest = letter[1:]
	}
}
