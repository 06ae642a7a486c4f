package segment

import (
	"fmt"
	"regexp"
	"strings"
)

// slip is what people write who know another language than CEL: what stands around a syntax error, and what to write instead.
type slip struct {
	behind *regexp.Regexp // what ends before the error; nil is anything
	at     *regexp.Regexp // what begins there
	mend   string
}

var slips = []slip{
	{at: regexp.MustCompile(`^[‘’“”„«»]`), mend: `write straight quotes, ' or "`},
	{at: regexp.MustCompile(`^=>`), mend: "write >="},
	{behind: regexp.MustCompile(`<$`), at: regexp.MustCompile(`^>`), mend: "write !="},
	{behind: regexp.MustCompile(`==$`), at: regexp.MustCompile(`^=`), mend: "write == for is, != for is not"},
	{at: regexp.MustCompile(`^=`), mend: "write == for is, != for is not"},
	{at: regexp.MustCompile(`^(?i:and)\b`), mend: "write && for and"},
	{at: regexp.MustCompile(`^&`), mend: "write && for and"},
	{at: regexp.MustCompile(`^(?i:or)\b`), mend: "write || for or"},
	{at: regexp.MustCompile(`^\|`), mend: "write || for or"},
	{behind: regexp.MustCompile(`(?:^|\W)(?i:not)\s*$`), mend: "write ! for not"},
	{at: regexp.MustCompile(`^(?i:not)\b`), mend: "write ! for not"},
	{at: regexp.MustCompile(`^(?i:is)\b`), mend: "write == for is, != for is not"},
}

var (
	numberBehind = regexp.MustCompile(`(?:^|[^\w.])([0-9]{1,6})$`)
	unitAt       = regexp.MustCompile(`^(y|mo|w|d|h|m|s)\b`)
)

// explainSyntax says what is wrong where the parser gave up, in words for whoever wrote it. The parser's own words are left where nothing is known
// of the mistake, without the list of all that could stand there.
func explainSyntax(issue *Issue, source, message string) {
	if strings.Contains(message, "'<EOF>'") {
		issue.What = "this is no expression: it ends too early"
		return
	}
	runes := []rune(source)
	i := min(issue.Offset, len(runes))
	behind, at := string(runes[:i]), string(runes[i:])
	number, unit := numberBehind.FindStringSubmatch(behind), unitAt.FindString(at)
	if number != nil && unit != "" {
		issue.Offset -= len(number[1])
		issue.What = "this is no expression: " + number[1] + unit + " is no length of time here"
		issue.Mend = "write " + spanCall(number[1], unit)
		return
	}
	for _, s := range slips {
		if (s.behind == nil || s.behind.MatchString(behind)) && (s.at == nil || s.at.MatchString(at)) {
			issue.What, issue.Mend = "this is no expression", s.mend
			return
		}
	}
	message, _, _ = strings.Cut(message, " expecting ")
	issue.What = "this is no expression: " + message
}

// spanCall is how an expression says a number of units of time.
func spanCall(number, unit string) string {
	switch unit {
	case "y":
		return fmt.Sprintf("years(%s)", number)
	case "mo":
		return fmt.Sprintf("months(%s)", number)
	case "w":
		return fmt.Sprintf("days(7 * %s)", number)
	case "d":
		return fmt.Sprintf("days(%s)", number)
	}
	return fmt.Sprintf("duration('%s%s')", number, unit)
}
