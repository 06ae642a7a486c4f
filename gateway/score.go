package gateway

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// What an answer to a question with five grades means: a number, a word, stars or a face. Like the words of wordlist.go it is the whole message.

// grades are the words for each grade, in English and Chinese: everybody's, as people answer in the language of the question or in their own.
// They are compared after both sides were levelled.
var grades = [6][]string{
	1: {"one", "一", "very dissatisfied", "very unsatisfied", "very unhappy", "very bad", "terrible", "awful", "horrible", "很不满意", "很不滿意", "非常不满意", "非常不滿意", "很差", "太差了", "😡", "😠", "🤬", "😭", "💔"},
	2: {"two", "二", "两", "dissatisfied", "unsatisfied", "not satisfied", "unhappy", "not happy", "bad", "poor", "不满意", "不滿意", "不太满意", "不太滿意", "不好", "差", "👎", "🙁", "☹", "😕", "😞", "😟"},
	3: {"three", "三", "neutral", "average", "ok", "okay", "so so", "fair", "一般", "一般般", "还行", "還行", "还可以", "還可以", "😐", "😑", "😶"}, //nolint:dupword // so so
	4: {"four", "四", "satisfied", "happy", "good", "满意", "滿意", "好", "不错", "不錯", "👍", "🙂", "😊", "👌"},
	5: {"five", "五", "very satisfied", "very happy", "very good", "excellent", "great", "perfect", "amazing", "很满意", "很滿意", "非常满意", "非常滿意", "很好", "非常好", "太好了", "😀", "😃", "😄", "😁", "😍", "🤩", "🥰", "❤"},
}

var (
	// A grade as a number, alone or counted: "4", "4 stars", "4/5", "4 out of 5", "4分", "4星", "四颗星".
	numberForm = regexp.MustCompile(`^([1-5]|one|two|three|four|five|[一二两三四五]) ?(?:stars?|/ ?5|(?:out )?of (?:5|five)|points?|分|星|颗星|顆星)?$`)
	// Stars, drawn: those that are full count.
	starsForm = regexp.MustCompile(`^([★⭐🌟]{1,5})☆{0,4}$`)
	// A number below nothing, or a vote: "-5", "+1".
	signedForm = regexp.MustCompile(`^\s*[\p{Pd}−+]`)
	// How an emoji is to look, which changes nothing of what it says: as a picture, and of which skin.
	lookForm = regexp.MustCompile(`[\x{fe0e}\x{fe0f}\x{1f3fb}-\x{1f3ff}]`)
)

// scoreOf reads an answer such as "4", "４", "4 stars", "five!", "很满意" or "👍👍".
func scoreOf(text string) (score int, ok bool) {
	if signedForm.MatchString(text) {
		return 0, false
	}
	text = strings.Trim(level(lookForm.ReplaceAllString(text, "")), " .!。,，、~～;；")
	if drawn := starsForm.FindStringSubmatch(text); drawn != nil && utf8.RuneCountInString(text) <= 5 {
		return utf8.RuneCountInString(drawn[1]), true
	}
	if counted := numberForm.FindStringSubmatch(text); counted != nil {
		text = counted[1]
		if n, err := strconv.Atoi(text); err == nil {
			return n, true
		}
	}
	if once := first(text); once != "" && strings.Trim(text, once) == "" { // "👍👍👍" says it once
		text = once
	}
	for grade, words := range grades {
		for _, word := range words {
			if level(word) == text {
				return grade, true
			}
		}
	}
	return 0, false
}

// first is the first character of a text where that is no letter or number of which words are made, "" elsewhere.
func first(text string) string {
	r, size := utf8.DecodeRuneInString(text)
	if r < 0x2600 || r >= 0x3000 && r < 0x1f300 {
		return ""
	}
	return text[:size]
}
